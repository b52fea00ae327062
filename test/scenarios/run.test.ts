import { describe, expect, it } from 'vitest'
import { TaskId } from '../../src/core/model/ids.ts'
import { taskListPath } from '../../src/core/text/task-list.ts'
import { planned } from '../support/run.ts'
import { worksWell } from './agents.ts'
import { Stage } from './stage.ts'

const plan = (count: number) =>
  Array.from({ length: count }, (_, index) => planned(`task-${index + 1}`))

describe('a whole run', () => {
  it('merges every task, ticks the lists, publishes and stops everything', async () => {
    const stage = await Stage.open({ plan: plan(6) })
    await stage.untilDone()
    expect(plan(6).map(({ id }) => stage.phaseOf(id))).toEqual(Array(6).fill('merged'))
    expect(stage.repository.readOrigin('main', 'src/task-6.js')).toContain('task_6')
    expect(stage.repository.readOrigin('main', taskListPath(1))).not.toContain('[ ]')
    expect(stage.reports).toEqual(['Everything is built.'])
    expect(await stage.runtime.instances.listRunning()).toEqual([])
  })

  it('goes the same way when the next task travels in the answer to a Stop', async () => {
    const stage = await Stage.open({ plan: plan(6), policy: { context: 'same' } })
    await stage.untilDone()
    expect(plan(6).map(({ id }) => stage.phaseOf(id))).toEqual(Array(6).fill('merged'))
  })

  it('keeps dependencies: nothing begins before what it builds upon is on the target', async () => {
    const seen: string[] = []
    const stage = await Stage.open({
      plan: [planned('base'), planned('next', { dependsOn: [TaskId('base')] })],
      work: async (turn) => {
        if (turn.task === 'next') seen.push(turn.stage.phaseOf('base') ?? '')
        await worksWell(turn)
      },
    })
    await stage.untilDone()
    expect(seen).toEqual(['merged'])
  })

  it('goes on after a worker died in the middle of its task, on the same task', async () => {
    const stage = await Stage.open({
      plan: plan(3),
      work: async (turn) => {
        if (turn.task === 'task-1' && turn.count === 1)
          return turn.stage.runtime.die(turn.worker, 'killed')
        await worksWell(turn)
      },
    })
    await stage.untilDone()
    expect(
      stage.dispatcher.state.tasks.get(TaskId('task-1'))?.attempts.map(({ outcome }) => outcome),
    ).toEqual(['lost', 'reported'])
  })

  it('finds a death that was not reported', async () => {
    const stage = await Stage.open({
      plan: plan(2),
      work: async (turn) => {
        if (turn.task === 'task-1' && turn.count === 1)
          return turn.stage.runtime.die(turn.worker, 'killed', { isNoticed: false })
        await worksWell(turn)
      },
    })
    await stage.untilDone()
    expect(stage.phaseOf('task-1')).toBe('merged')
  })
})

describe('a worker in a run', () => {
  it('that stops without a report is reminded and then reports', async () => {
    const stage = await Stage.open({
      plan: plan(2),
      work: async (turn) => {
        if (turn.count === 1) return
        await worksWell(turn)
      },
    })
    await stage.untilDone()
    expect(stage.dispatcher.state.tasks.get(TaskId('task-1'))?.attempts).toHaveLength(1)
  })

  it('that never reports blocks its task, until the Manager’s answer lets it go on', async () => {
    const stage = await Stage.open({
      plan: plan(1),
      answer: 'Report it.',
      work: async (turn) => {
        if (turn.count > 3) await worksWell(turn)
      },
    })
    await stage.untilDone()
    const task = stage.dispatcher.state.tasks.get(TaskId('task-1'))
    expect(task?.attempts.map(({ outcome }) => outcome)).toEqual(['given-up', 'reported'])
  })

  it('that asks gets the answer with its next brief', async () => {
    const briefs: string[] = []
    const stage = await Stage.open({
      plan: plan(1),
      answer: 'Tabs.',
      work: async (turn) => {
        const [api, caller] = [turn.stage.workerApi, turn.stage.caller(turn.worker)]
        const brief = await api.brief(caller)
        if (turn.count === 1) return void (await api.reportBlocked(caller, 'Tabs or spaces?'))
        briefs.push(brief.text)
        await worksWell(turn)
      },
    })
    await stage.untilDone()
    expect(briefs[0]).toContain('You asked: Tabs or spaces?\nAnswer of the manager: Tabs.')
  })

  it('whose work conflicts gets it back with both intents, and no line is lost', async () => {
    const file = 'index.js'
    const begun = new Set<string>()
    const stage = await Stage.open({
      plan: plan(2),
      files: { [file]: 'first\n' },
      work: async ({ stage: now, worker, task, count }) => {
        const { text } = await now.workerApi.brief(now.caller(worker))
        const both = text.includes('Kind: conflict')
          ? 'first\ntask-1\ntask-2\n'
          : `first\n${task}\n`
        if (count > 1) now.repository.mergeTarget(worker, task, { [file]: both })
        else now.repository.commitOn(worker, task, { [file]: both })
        begun.add(task)
        while (begun.size < 2) await new Promise((resolve) => setImmediate(resolve))
        await now.workerApi.reportDone(now.caller(worker), 'added a line')
      },
    })
    await stage.untilDone()
    expect(stage.repository.readOrigin('main', file)).toBe('first\ntask-1\ntask-2\n')
  })

  it('whose merged work fails the checks gets it back with their output', async () => {
    const briefs: string[] = []
    let [base, failures] = ['', 1]
    const stage = await Stage.open({
      plan: plan(1),
      checks: ['npm test'],
      // The first commit is the branch as it is.
      check: (commit) =>
        commit !== (base ||= commit) && failures-- > 0
          ? { ok: false, output: 'expected 1 to be 2' }
          : { ok: true, output: '' },
      work: async (turn) => {
        briefs.push((await turn.stage.workerApi.brief(turn.stage.caller(turn.worker))).text)
        turn.stage.repository.commitOn(turn.worker, turn.task, { 'a.js': `${turn.count}\n` })
        await turn.stage.workerApi.reportDone(turn.stage.caller(turn.worker), 'mended')
      },
    })
    await stage.untilDone()
    expect(briefs[1]).toMatch(/Kind: checks[^]*expected 1 to be 2/)
  })
})

describe('a human in a run', () => {
  it('adds a task by editing a list on the origin', async () => {
    const stage = await Stage.open({
      plan: plan(2),
      policy: { upstreamEveryMs: 1_000 },
      work: async (turn) => {
        if (turn.task === 'task-1') {
          const path = taskListPath(1)
          const list = turn.stage.repository.readOrigin('main', path) ?? ''
          turn.stage.repository.pushUpstream({
            [path]: `${list}\n- [ ] by-hand: Added by a human\n`,
          })
          await turn.stage.merged('by-hand')
        }
        await worksWell(turn)
      },
    })
    await stage.untilDone()
    expect(stage.dispatcher.state.tasks.get(TaskId('by-hand'))).toMatchObject({
      title: 'Added by a human',
      phase: { name: 'merged' },
    })
  })
})
