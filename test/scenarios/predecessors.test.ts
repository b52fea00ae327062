import { readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { readHook } from '../../src/claude/observe/hooks.ts'
import { workerId } from '../../src/core/model/ids.ts'
import { typePrompt } from '../../src/engine/commands/type-prompt.ts'
import type { AgentStatus } from '../../src/ports/instances.ts'
import { createFakeAgentStatus } from '../fakes/agent-status.ts'
import { createSkippingClock } from '../fakes/skipping-clock.ts'
import { createFakeTerminals } from '../fakes/terminals.ts'
import { commit, manager, one, planned, Run, two } from '../support/run.ts'
import { worksWell } from './agents.ts'
import { Stage } from './stage.ts'

const plan = (count: number) =>
  Array.from({ length: count }, (_, index) => planned(`task-${index + 1}`))
const captured = (name: string) =>
  readFileSync(new URL(`../fixtures/claude/screens/${name}.txt`, import.meta.url), 'utf8')
const credentialsOf = ({ state }: Run) =>
  [...state.credentials.values()].map(({ phase }) => phase.name)

/** Types into a terminal that shows this; answers what was typed and how it ended. */
async function typeInto(
  screen: (typed: readonly string[]) => string,
  status: AgentStatus | null,
  tries: number,
) {
  const [agentStatus, clock, worker] = [createFakeAgentStatus(), createSkippingClock(), workerId(1)]
  const terminals = createFakeTerminals({ onPress: () => undefined })
  await terminals.ensureOpen(worker, ['agent'])
  terminals.show(worker, screen)
  agentStatus.say(worker, status)
  const outcome = await typePrompt(
    { instance: worker, line: '[orchestrator p1] Go on.', tries },
    { terminals, agentStatus, clock },
  )
  return { outcome, typed: terminals.typedInto(worker) }
}

/**
 * How orchestrators of this kind have failed, each as it would happen here. Tests with real parts
 * show three more, see docs/faults.md.
 */
describe('what sank the predecessors', () => {
  it('a limit detector that matched its own log lines: what an agent says of limits is not a limit', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
    const before = credentialsOf(run)
    const said =
      "You've hit your session limit · resets 3:45pm (429 rate_limit_error) /rate-limit-options"
    run.when({
      type: 'turn-ended',
      backgroundTasks: 0,
      lastMessage: said,
      isAnswerable: true,
      ...run.from(one),
    })
    expect(credentialsOf(run)).toEqual(before)
    expect(run.asked('replace-credential')).toEqual([])
    expect(run.reply).toMatchObject({ purpose: 'reminder' })
  })

  it('a prompt typed into a bare shell after a rotation: nothing is typed there, and the launch is given up', async () => {
    const { outcome, typed } = await typeInto(() => captured('shell-after-exit'), null, 1)
    expect(outcome).toMatchObject({ isHopeless: true })
    expect(typed).toEqual([])
  })

  it('an Enter lost after a paste: the next try finds the line in the box and presses Enter again', async () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')])
    run.later(15_000)
    expect(run.typed()).toMatchObject([{ instance: one, tries: 2, prompt: { id: 'p1' } }])
    const box = captured('prompt-after-turn').replace(
      /^❯\u00a0$/m,
      '❯\u00a0[orchestrator p1] Go on.',
    )
    const { typed } = await typeInto(
      (keys) => (keys.includes('<Enter>') ? captured('busy') : box),
      'idle',
      2,
    )
    expect(typed).toEqual(['<Enter>'])
  })

  it('a Manager bombarded by its workers: eight questions are one prompt', () => {
    const tasks = Array.from({ length: 8 }, (_, index) =>
      planned(`t${index + 1}`, { worker: index + 1 }),
    )
    const run = new Run({ workerCount: 8 }).planned(tasks)
    run.when({ type: 'prompt-confirmed', text: 'a human asks something', ...run.from(manager) })
    for (let worker = 1; worker <= 8; worker += 1) {
      const id = workerId(worker)
      const { task } = run.confirmed(id).instance(id)
      if (task)
        run
          .briefed(id)
          .when({ type: 'task-blocked', task, question: 'Which?', commit: null, ...run.from(id) })
      expect(run.typed().filter(({ instance }) => instance === manager)).toEqual([])
    }
    run.stops(manager)
    expect(run.typed().filter(({ instance }) => instance === manager)).toHaveLength(1)
    expect(run.state.news).toEqual([])
  })

  it('a Manager idle while workers wait: a question reaches it in the decision that takes it', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
    const { task } = run.briefed(one).instance(one)
    if (task)
      run.when({ type: 'task-blocked', task, question: 'Which?', commit: null, ...run.from(one) })
    expect(run.typed()).toMatchObject([{ instance: manager, prompt: { purpose: 'news' } }])
  })

  it('`checkout --theirs` in the merge: a conflict never lands, and both sides’ lines are there in the end', async () => {
    const refusals: string[] = []
    const begun = new Set<string>()
    const stage = await Stage.open({
      plan: plan(2),
      files: { 'index.js': 'top\n' },
      work: async ({ stage: now, worker, task }) => {
        const { text } = await now.workerApi.brief(now.caller(worker))
        if (text.includes('Kind: conflict')) {
          now.repository.mergeTarget(worker, task, 'ours')
          const { isRefused, text: why } = await now.workerApi.reportDone(
            now.caller(worker),
            'resolved',
          )
          if (isRefused) refusals.push(why)
          now.repository.commitOn(worker, task, { 'index.js': 'top\ntask-1\ntask-2\n' })
        } else now.repository.commitOn(worker, task, { 'index.js': `top\n${task}\n` })
        begun.add(task)
        while (begun.size < 2) await turn()
        await now.workerApi.reportDone(now.caller(worker), 'added a line')
      },
    })
    await stage.untilDone()
    expect(refusals).toEqual([expect.stringContaining('index.js')])
    expect(stage.repository.readOrigin('main', 'index.js')).toBe('top\ntask-1\ntask-2\n')
  })

  it('a limited task recorded as done: it stays with its worker and is merged once, later', async () => {
    const seen: (string | undefined)[] = []
    const stage = await Stage.open({
      plan: plan(1),
      policy: { workerCount: 1 },
      work: async (now) => {
        if (now.count > 1) {
          seen.push(now.stage.phaseOf('task-1'))
          return worksWell(now)
        }
        return { kind: 'quota', window: 'five-hour', until: now.stage.clock.now() + 60_000 }
      },
    })
    await stage.untilDone()
    expect(seen).toEqual(['working'])
    expect([...stage.repository.mergesOn(await stage.repository.head())]).toEqual([['task-1', 1]])
  })

  it('"all work complete" ignored for seven rounds: three unanswered rounds end the run', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')])
    run.confirmed(one).reports(one).stops(one).lands()
    for (let round = 0; round < 3; round += 1) run.confirmed(manager).stops(manager)
    expect(run.state.run.phase).toMatchObject({
      name: 'finishing',
      report: expect.stringContaining('wrote no report') as string,
    })
  })

  it('a rebase at the end that lost commits: every reported commit is an ancestor of what was published', async () => {
    const reported: string[] = []
    const stage = await Stage.open({
      plan: plan(5),
      work: async ({ stage: now, worker, task }) => {
        await now.workerApi.brief(now.caller(worker))
        reported.push(now.repository.commitOn(worker, task, { [`${task}.js`]: '1\n' }))
        await now.workerApi.reportDone(now.caller(worker), 'built')
      },
    })
    await stage.untilDone()
    const head = await stage.repository.head()
    expect(reported).toHaveLength(5)
    expect(reported.filter((each) => !stage.repository.contains(head, commit(each)))).toEqual([])
  })

  it('a stale "done" that killed a new worker: nothing of an older launch has an effect', () => {
    const run = new Run({ workerCount: 2 })
      .planned([planned('a'), planned('b')])
      .confirmed(one)
      .confirmed(two)
    run
      .when({ type: 'instance-lost', cause: 'killed', ...run.from(one) })
      .later(1_000)
      .comesUp(one, 'resume')
    const { state } = run
    const stale = { instance: one, launch: 1 }
    run.when({
      type: 'turn-ended',
      backgroundTasks: 0,
      lastMessage: 'done',
      isAnswerable: true,
      ...stale,
    })
    run.when({ type: 'instance-lost', cause: 'exited', ...stale })
    const { task } = run.instance(one)
    if (task)
      run.when({ type: 'task-reported', task, commit: commit('old'), summary: 'old', ...stale })
    expect(run.state).toBe(state)
    expect(task).not.toBeNull()
  })

  it('a changed hook format that stopped the start: what is new in a hook is passed over, and a menu is looked for', () => {
    const now = 1_000_000
    const body = {
      session_id: 's',
      hook_event_name: 'SessionStart',
      source: 'startup',
      added_later: { deep: [1] },
    }
    expect(readHook('SessionStart', body, now)).toMatchObject({ type: 'session-started' })
    expect(readHook('HookOfTomorrow', { session_id: 's' }, now).type).not.toBe('session-started')
    const run = new Run({ workerCount: 1 })
    expect(run.later(8_000).asked('probe-instance')).toHaveLength(2)
  })
})
