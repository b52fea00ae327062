import { describe, expect, it } from 'vitest'
import { createFakeRepository, type FakeRepository } from '../../../test/fakes/repository.ts'
import { createFakeRuntime } from '../../../test/fakes/runtime.ts'
import { commit as commitOf, line, one, planned, Run } from '../../../test/support/run.ts'
import { type LineId, TaskId } from '../../core/model/ids.ts'
import { SerialQueue } from '../../lib/serial-queue.ts'
import type { CheckOutcome } from '../../ports/checks.ts'
import type { NewEvent } from '../dispatch/dispatcher.ts'
import { mergeTask } from './merge-task.ts'

const task = TaskId('a')
const checks = ['npm ci', 'npm test']
const pass: CheckOutcome = { ok: true, output: '' }
const failsAt = (position: number): CheckOutcome => ({ ok: false, output: 'red', position })

/** One reported commit on a hub, and the checks that answer for each commit they look at. */
async function scene(
  check: (what: 'base' | 'candidate') => CheckOutcome = () => pass,
  meanwhile: (repository: FakeRepository) => void = () => undefined,
  work: Readonly<Record<string, string>> = { 'a.js': 'a\n' },
) {
  const repository = createFakeRepository({ files: { 'index.js': 'top\n' } })
  const begin = await repository.head()
  repository.commitOn(one, task, work)
  const intake = await repository.takeIn(one, task, [])
  if (intake.type !== 'taken-in') throw new Error(intake.reason)
  const { commit } = intake
  const run = new Run({ checks })
    .planned([planned('a')])
    .confirmed(one)
    .briefed(one)
  run.when({ type: 'task-reported', task, commit, summary: '', ...run.from(one) })
  const looked: string[] = []
  const events: NewEvent[] = []
  const hub = new SerialQueue<string>()
  const runnerOf = (what: 'base' | 'candidate') =>
    createFakeRuntime({
      check: () => {
        looked.push(what)
        meanwhile(repository)
        return check(what)
      },
    }).checkRunner
  const parts = {
    repositoryOf: () => repository,
    checkRunner: runnerOf('candidate'),
    baseRunner: runnerOf('base'),
    checks: { commands: checks, timeoutMs: 0 },
    state: () => run.state,
    dispatch: (event: NewEvent) => void events.push(event),
    inHub: <Value>(_: LineId, job: () => Promise<Value>) => hub.run('hub', job),
  }
  /** The outcome: what is reported but that the checks begin. */
  const merge = async (mayFailFrom: number | null = null, approved: string | null = null) => {
    await mergeTask({ type: 'merge-task', line, task, commit, mayFailFrom, approved }, parts)
    return events.filter(({ type }) => type !== 'merge-checking')
  }
  return { repository, begin, commit, run, merge, looked, hub }
}

describe('a merge', () => {
  it('that is commanded again does nothing once the task was returned', async () => {
    const { repository, begin, commit, run, merge } = await scene()
    run.when({ type: 'merge-rejected', task, commit, output: 'red' })
    expect(await merge()).toEqual([])
    expect(await repository.head()).toBe(begin)
  })

  it('that passes the checks lands, and says that they pass on the branch', async () => {
    const { repository, merge } = await scene()
    const [event] = await merge()
    expect(event).toMatchObject({ type: 'merge-landed', checks: 'passed' })
    expect(event).toMatchObject({ merge: await repository.head() })
  })

  it('that fails the checks has them run without the work, which they pass', async () => {
    const { merge, looked } = await scene((what) => (what === 'base' ? pass : failsAt(1)))
    const [event] = await merge()
    expect(looked).toEqual(['candidate', 'base'])
    expect(event).toMatchObject({ type: 'merge-rejected', output: 'red', position: 1 })
    expect(event).not.toHaveProperty('base')
  })

  it('that fails them says so when they fail without the work too', async () => {
    const { begin, merge } = await scene((what) => failsAt(what === 'base' ? 0 : 1))
    expect(await merge()).toMatchObject([
      {
        type: 'merge-rejected',
        position: 1,
        base: { commit: begin, command: 'npm ci', position: 0, output: 'red' },
      },
    ])
  })

  it('has them run without the work also where they passed before', async () => {
    const { begin, run, merge } = await scene(() => failsAt(0))
    run.when({ type: 'base-passed', line, commit: begin })
    expect(await merge()).toMatchObject([{ base: { commit: begin } }])
  })

  it('does not run them without the work again when they are known to fail there', async () => {
    const red = await scene(() => failsAt(0))
    const failure = { commit: red.begin, command: 'npm ci', position: 0, output: 'known' }
    red.run.when({ type: 'base-failed', line, failure })
    expect(await red.merge()).toMatchObject([{ base: failure }])
    expect(red.looked).toEqual(['candidate'])
  })

  it('lands although a check fails that a person let fail, and says that it fails', async () => {
    const { repository, merge } = await scene(() => failsAt(1))
    const [event] = await merge(1)
    const head = await repository.head()
    expect(event).toMatchObject({
      type: 'merge-landed',
      head,
      checks: { commit: head, position: 1 },
    })
  })

  it('does not land when a check before that fails', async () => {
    const { repository, begin, merge } = await scene(() => failsAt(0))
    expect(await merge(1)).toMatchObject([{ type: 'merge-rejected' }])
    expect(await repository.head()).toBe(begin)
  })
})

describe('a target that moves while the checks run', () => {
  const lists = (n: number) => ({ 'WORKER_1_TASK_LIST.md': `# ${n}\n` })

  it('by task lists only does not make them run again', async () => {
    let times = 0
    const { repository, merge, looked } = await scene(
      () => pass,
      (hub) => void hub.commitFiles(lists((times += 1)), 'Update the task lists'),
    )
    expect(await merge()).toMatchObject([{ type: 'merge-landed', checks: 'passed' }])
    expect(looked).toEqual(['candidate'])
    expect(await repository.read('a.js')).toBe('a\n')
    expect(await repository.read('WORKER_1_TASK_LIST.md')).toContain('# Tasks of worker 1')
  })

  it('makes them run on the new candidate, and at the third time nothing may move it', async () => {
    let times = 0
    const moves: Promise<unknown>[] = []
    const { hub, merge, looked } = await scene(
      () => pass,
      (repository) => {
        times += 1
        const move = async () => repository.commitFiles({ 'b.js': `${times}\n` }, 'Push')
        moves.push(times < 3 ? move() : hub.run('hub', move))
      },
    )
    expect(await merge()).toMatchObject([{ type: 'merge-landed', checks: 'passed' }])
    expect(looked).toEqual(['candidate', 'candidate', 'candidate'])
    await Promise.all(moves)
  })

  it('by a rewrite of the origin keeps the work out until a person has judged that', async () => {
    const [before, after] = [commitOf('before'), commitOf('after')]
    const { repository, begin, run, merge } = await scene(
      () => pass,
      () => void run.when({ type: 'upstream-rewritten', line, before, after }),
    )
    expect(await merge()).toMatchObject([{ type: 'merge-failed', mayHaveLanded: false }])
    expect(await repository.head()).toBe(begin)
  })
})

describe('a merge of work that changes protected paths', () => {
  const ci = '.github/ci.yml'
  const touching = () => scene(() => pass, undefined, { [ci]: 'on: push\n' })

  it('is held after the checks, and nothing of it is on the target', async () => {
    const { repository, begin, merge, looked } = await touching()
    expect(await merge()).toMatchObject([{ type: 'merge-held', work: { paths: [ci], count: 1 } }])
    expect(looked).toEqual(['candidate'])
    expect(await repository.head()).toBe(begin)
  })

  it('lands with the approval of exactly this content, and with no other', async () => {
    const { repository, merge } = await touching()
    const [held] = await merge(null, 'another')
    if (held?.type !== 'merge-held') throw new Error('it was not held')
    expect(await merge(null, held.work.content)).toMatchObject([{}, { type: 'merge-landed' }])
    expect(await repository.read(ci)).toBe('on: push\n')
  })
})
