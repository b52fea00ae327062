import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { findEngine } from '../../../src/adapters/docker/engine.ts'
import { docker, linesOf, output } from '../../../src/rehearsal/chaos/world/command.ts'
import type { JournalLine } from '../../support/journal-copy.ts'
import { git } from '../../../src/rehearsal/sample/repository.ts'
import { FaultRun, percentile, report, until } from '../../support/fault-run.ts'
import { Gate } from '../../support/gate.ts'
import { runSteps, type Steps, stepsTimeoutMs } from '../../support/steps.ts'

const kills = 10

let run: FaultRun
beforeAll(async () => {
  run = await FaultRun.open({ workers: 3, tasks: 4, gate: new Gate('before-commit') })
  run.server.start('--stop-instances')
})
afterAll(() => run[Symbol.asyncDispose]())

const isLoss =
  (instance: string) =>
  ({ event, ignored }: JournalLine): boolean =>
    event.type === 'instance-lost' && event.instance === instance && (ignored ?? null) === null

const conversationsOf = async (instance: string): Promise<readonly string[]> => {
  const names = await readdir(
    join(run.setup.state, 'instances', instance, 'home/.claude/projects/-workspace'),
  )
  return names.filter((name) => name.endsWith('.jsonl')).toSorted()
}

const attemptsOf = async (task: string): Promise<number> =>
  (await run.status()).tasks.find(({ id }) => id === task)?.attempts ?? 0

const backupList = z.object({
  backups: z.array(
    z.object({ id: z.string(), instance: z.string(), phase: z.string(), ref: z.string() }),
  ),
})

async function backupsOf(instance: string) {
  const headers = { authorization: `Bearer ${await run.token()}` }
  const answer = await fetch(new URL('/api/v1/backups', run.server.url), { headers })
  return backupList
    .parse(await answer.json())
    .backups.filter((backup) => backup.instance === instance)
}

interface Death {
  readonly seenMs: number
  /** From the kill to the engine's own event. */
  readonly engineMs: number
  readonly backMs: number
  readonly problems: readonly string[]
}

/** Kills a worker that is at work, and waits until its next launch has fetched its brief. */
async function die(victim: string, afterMs: number): Promise<Death> {
  const task = await run.taskOf(victim)
  const before = { conversations: await conversationsOf(victim), attempts: await attemptsOf(task) }
  await delay(afterMs)
  const mark = run.journal.last
  const died = await deathOf(run.container(victim))
  const killedAt = await run.killContainer(victim)
  const lost = await run.journal.next(`${victim} is missed`, mark, isLoss(victim))
  const engineMs = (await died.at) - killedAt
  const next = (lost.event.launch ?? 0) + 1
  const back = await run.journal.next(`${victim} goes on`, mark, isBriefed(victim, next))
  const resumed = run.journal.since(mark, ({ commands }) =>
    commands.some(isResumption(victim, next)),
  )
  const after = { conversations: await conversationsOf(victim), attempts: await attemptsOf(task) }
  const [had, has] = [before, after].map(({ conversations }) => conversations.join(', '))
  const problems = [
    resumed.length === 1 ? null : `${victim} was not started with its conversation`,
    had === has ? null : `${victim} had the conversation ${had}, then ${has}`,
    after.attempts === before.attempts + 1
      ? null
      : `${task} had ${before.attempts} attempts, then ${after.attempts}`,
    (await run.taskOf(victim)) === task ? null : `${victim} lost its task`,
    // Found by a pass over all containers, the cause would be another one.
    lost.event.launch === next - 1 && back.sequence > lost.sequence
      ? null
      : `${victim} was missed as launch ${lost.event.launch}, and goes on as launch ${next}`,
  ]
  return {
    seenMs: lost.event.at - killedAt,
    engineMs,
    backMs: back.event.at - killedAt,
    problems: problems.filter((each) => each !== null),
  }
}

/** Listens from now on; `at` is when the engine reported the death of this container. */
async function deathOf(container: string): Promise<{ readonly at: Promise<number> }> {
  const stream = (await findEngine().api.getEvents({
    filters: { type: ['container'], event: ['die'], container: [container] },
  })) as Readable // which it is in Node
  stream.on('error', () => undefined)
  const at = once(stream, 'data').then(() => {
    stream.destroy()
    return Date.now()
  })
  return { at }
}

const isBriefed =
  (instance: string, launch: number) =>
  ({ event }: JournalLine): boolean =>
    event.type === 'brief-fetched' && event.instance === instance && event.launch === launch

const isResumption =
  (instance: string, launch: number) =>
  (command: JournalLine['commands'][number]): boolean =>
    command.type === 'start-instance' &&
    command.instance === instance &&
    command.launch === launch &&
    command['resume'] === true

const steps: Steps = {
  'saves the work of a lost worker before its next launch': async () => {
    const [victim = ''] = await run.atWork(3)
    const task = await run.taskOf(victim)
    const mark = run.journal.last
    const killedAt = await run.killContainer(victim)
    const saved = await run.journal.next(
      'the work is saved',
      mark,
      ({ event }) => event.type === 'work-saved',
    )
    const [backup] = await backupsOf(victim)
    const main = await git(join(run.setup.state, 'hub.git'), 'rev-parse', 'main')
    const place = join(run.setup.state, 'backups.git')
    const files = await git(place, 'diff', '--name-only', main, backup?.ref ?? '')
    const written =
      run.sample.script.tasks.find(({ id }) => id === task)?.files.map(({ path }) => path) ?? []
    const begun = await run.journal.next(
      'a new launch',
      mark,
      ({ event }) => event.type === 'instance-started' && event.instance === victim,
    )
    const isSaved = written.length > 0 && written.every((path) => files.split('\n').includes(path))
    report(
      'container-kill',
      `${files.split('\n').length} changed files of ${task} in ${backup?.ref} after ${saved.event.at - killedAt} ms, new launch after ${begun.event.at - killedAt} ms`,
      `uncommitted files in refs/backup/${victim}/${task}/1 before the new launch`,
      isSaved &&
        backup?.ref === `refs/backup/${victim}/${task}/1` &&
        saved.sequence < begun.sequence,
    )
  },

  'starts a worker whose container died with its conversation and its task': async () => {
    const deaths: Death[] = []
    while (deaths.length < kills) {
      const victims = (await run.atWork(3)).slice(0, kills - deaths.length)
      deaths.push(...(await Promise.all(victims.map((victim, index) => die(victim, index * 300)))))
    }
    const seenMs = deaths.map((death) => death.seenMs)
    const engineMs = deaths.map((death) => death.engineMs)
    const lateMs = deaths.map((death) => death.seenMs - death.engineMs)
    const wrong = deaths.flatMap(({ problems }) => problems)
    const figures = `seen p50 ${percentile(seenMs, 50)} ms, p95 ${percentile(seenMs, 95)} ms (the engine's own event p50 ${percentile(engineMs, 50)} ms, p95 ${percentile(engineMs, 95)} ms; the server p95 ${percentile(lateMs, 95)} ms later); at its task again p50 ${percentile(
      deaths.map(({ backMs }) => backMs),
      50,
    )} ms`
    report(
      'container-kill',
      `${kills} kills: ${figures}; ${wrong.join('; ') || 'same conversation, same task, one attempt more each time'}`,
      'one loss for each kill; new launch on the same workspace, conversation resumed, attempt + 1',
      wrong.length === 0,
    )
  },

  'starts a worker whose agent died in a living container': async () => {
    const [victim = ''] = await run.atWork(3)
    const mark = run.journal.last
    const killedAt = Date.now()
    await docker('exec', run.container(victim), 'pkill', '-KILL', '-x', 'claude')
    const lost = await run.journal.next(`${victim} is missed`, mark, isLoss(victim))
    const back = await run.journal.next(
      `${victim} goes on`,
      mark,
      ({ event }) => event.type === 'brief-fetched' && event.instance === victim,
      180_000,
    )
    const seenMs = lost.event.at - killedAt
    report(
      'agent-kill',
      `seen after ${seenMs} ms (${lost.event.cause}), at its task again after ${back.event.at - killedAt} ms`,
      'seen once, restarted as the next launch',
      run.journal.since(mark, isLoss(victim)).length === 1 &&
        back.event.launch === (lost.event.launch ?? 0) + 1,
    )
  },

  'opens every terminal again after tmux was killed': async () => {
    await run.atWork(3)
    const { terminals } = await run.status()
    const started = await run.startTimes()
    const backMs: number[] = []
    for (let times = 0; times < 3; times += 1) {
      const pid = Number(
        await output('tmux', '-L', terminals.socket, 'display-message', '-p', '#{pid}'),
      )
      await delay(Math.random() * 1_000)
      const killedAt = Date.now()
      process.kill(pid, 'SIGKILL')
      const names = async () =>
        linesOf(
          await output('tmux', '-L', terminals.socket, 'list-sessions', '-f', '#{@command}').catch(
            () => '',
          ),
        )
      await until('all terminals are back', async () =>
        (await names()).length === 4 ? true : null,
      )
      backMs.push(Date.now() - killedAt)
    }
    const isUntouched = (await run.startTimes()).join() === started.join()
    report(
      'terminals-kill',
      `panes back after ${backMs.join(', ')} ms; workers ${isUntouched ? 'untouched' : 'restarted'}`,
      'every pane is back; workers untouched',
      isUntouched,
    )
  },

  'merges every task once': async () => {
    expect(await run.finish(kills + 4)).toEqual([])
  },
}

describe('a run whose instances die', () => {
  it('goes on where each of them was', { timeout: stepsTimeoutMs }, () => runSteps(steps))
})
