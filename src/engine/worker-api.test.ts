import { describe, expect, it } from 'vitest'
import { createFakeRepository } from '../../test/fakes/repository.ts'
import { createFakeRuntime, type FakeRuntimeOptions } from '../../test/fakes/runtime.ts'
import { createSkippingClock } from '../../test/fakes/skipping-clock.ts'
import { createFakeStore } from '../../test/fakes/store.ts'
import { anOrder } from '../../test/support/runtime-stage.ts'
import { one, planned, Run, two } from '../../test/support/run.ts'
import { TaskId } from '../core/model/ids.ts'
import { createWorkerApi } from './worker-api.ts'
import { Dispatcher } from './dispatch/dispatcher.ts'

const [mine, other] = [TaskId('mine'), TaskId('other')]
const caller = { instance: one, launch: 1 }

/** A worker whose task conflicts with one that has landed: both rewrote the same line. */
async function conflict(replaces: readonly string[] = [], tool?: FakeRuntimeOptions['tool']) {
  const { state } = new Run()
    .planned([planned(mine, { worker: 1, replaces }), planned(other, { worker: 2 })])
    .confirmed(one)
    .briefed(one)
  const repository = createFakeRepository({ files: { 'index.js': 'old\n' } })
  const runtime = createFakeRuntime(tool === undefined ? {} : { tool })
  await runtime.instances.ensureRunning(anOrder())
  const dispatcher = new Dispatcher(
    createFakeStore(),
    createSkippingClock(),
    state,
    () => undefined,
  )
  repository.commitOn(one, mine, { 'index.js': 'mine\n' })
  const theirs = repository.commitOn(two, other, { 'index.js': 'other\n' })
  const merged = await repository.tryMerge({
    task: other,
    commit: theirs,
    message: 'Merge\n\nTask: other\n',
    ownFiles: {},
  })
  if (merged.type === 'candidate') await repository.land(merged.commit, merged.base)
  return {
    repository,
    dispatcher,
    workerApi: createWorkerApi({ dispatcher, repositoryOf: () => repository, ...runtime }),
  }
}

describe('a report of a merge that discards the changes of one side', () => {
  it('is refused with the paths, and accepted once it has the changes of both sides', async () => {
    const { repository, dispatcher, workerApi } = await conflict()
    repository.mergeTarget(one, mine, 'ours')
    const refusal = await workerApi.reportDone(caller, 'done')
    expect(refusal).toMatchObject({
      isRefused: true,
      text: expect.stringContaining('index.js') as string,
    })
    expect(dispatcher.state.tasks.get(mine)?.phase.name).toBe('working')
    repository.commitOn(one, mine, { 'index.js': 'mine\nother\n' })
    expect(await workerApi.reportDone(caller, 'done')).toMatchObject({ isRefused: false })
  })

  it('is refused with the way to ask, since the worker alone cannot allow it', async () => {
    const { repository, workerApi } = await conflict()
    repository.mergeTarget(one, mine, 'ours')
    const refusal = await workerApi.reportDone(caller, 'done')
    expect(refusal.text).toContain('git checkout origin/main -- <path>')
    expect(refusal.text).toContain('call report_blocked')
  })

  it('is accepted for a path that the plan names, and for no other', async () => {
    const reportWith = async (named: string) => {
      const { repository, workerApi } = await conflict([named])
      repository.mergeTarget(one, mine, 'ours')
      return workerApi.reportDone(caller, 'done')
    }
    expect(await reportWith('index.js')).toMatchObject({ isRefused: false })
    for (const other of ['index', 'lib/', 'index.js/'])
      expect(await reportWith(other)).toMatchObject({ isRefused: true })
  })
})

describe('a brief', () => {
  it('records once where the target was when the work began', async () => {
    const { repository, dispatcher, workerApi } = await conflict()
    const base = await repository.head()
    await workerApi.brief(caller)
    expect(dispatcher.state.tasks.get(mine)?.base).toBe(base)
    await repository.commitFiles({ 'WORKER_1_TASK_LIST.md': 'new\n' }, 'Lists\n')
    await workerApi.brief(caller)
    expect(dispatcher.state.tasks.get(mine)?.base).toBe(base)
  })
})

describe('a report that no commit is needed', () => {
  it('is accepted, and acknowledged again, when the workspace holds no work', async () => {
    const { dispatcher, workerApi } = await conflict()
    for (let times = 0; times < 2; times += 1)
      expect(await workerApi.reportNoCommit(caller, 'main has it')).toEqual({
        isRefused: false,
        text: 'Accepted: mine. Stop now.',
      })
    expect(dispatcher.state.tasks.get(mine)?.phase).toMatchObject({
      name: 'done',
      reason: 'main has it',
    })
    expect(await workerApi.reportNoCommit(caller, 'other words')).toMatchObject({
      isRefused: true,
    })
  })

  it('is refused, with what the workspace holds, when it holds any', async () => {
    const { dispatcher, workerApi } = await conflict([], () => ({
      exitCode: 3,
      stdout: 'task/mine has 1 commits that origin/main lacks.\n',
      stderr: '',
    }))
    expect(await workerApi.reportNoCommit(caller, 'main has it')).toMatchObject({
      isRefused: true,
      text: expect.stringContaining('task/mine has 1 commits'),
    })
    expect(dispatcher.state.tasks.get(mine)?.phase.name).toBe('working')
  })
})

describe('a worker whose next task began before its turn was over', () => {
  it('cannot report or ask before it has read the brief of that task', async () => {
    const run = new Run({ workerCount: 1 })
      .planned([planned(mine), planned(other)])
      .confirmed(one)
      .reports(one)
    run.stops(one)
    expect(run.instance(one).task).toBe(other)
    const runtime = createFakeRuntime()
    await runtime.instances.ensureRunning(anOrder())
    const repository = createFakeRepository({ files: {} })
    const [store, clock] = [createFakeStore(), createSkippingClock()]
    const dispatcher = new Dispatcher(store, clock, run.state, () => undefined)
    const workerApi = createWorkerApi({ dispatcher, repositoryOf: () => repository, ...runtime })
    const refusal = {
      isRefused: true,
      text: expect.stringContaining('the task that you hold now, other') as string,
    }
    expect(await workerApi.reportDone(caller, 'done with mine')).toEqual(refusal)
    expect(await workerApi.reportBlocked(caller, 'Which one?')).toEqual(refusal)
    expect(dispatcher.state).toBe(run.state)
    await workerApi.brief(caller)
    expect((await workerApi.reportBlocked(caller, 'Which one?')).isRefused).toBe(false)
  })
})

describe('a worker whose workspace cannot be prepared', () => {
  it('can ask what to do', async () => {
    const run = new Run({ workerCount: 1 }).planned([planned(mine)]).confirmed(one)
    const runtime = createFakeRuntime({
      tool: () => ({ exitCode: 1, stdout: '', stderr: 'index.lock is there\n' }),
    })
    await runtime.instances.ensureRunning(anOrder())
    const repository = createFakeRepository({ files: {} })
    const [store, clock] = [createFakeStore(), createSkippingClock()]
    const dispatcher = new Dispatcher(store, clock, run.state, () => undefined)
    const workerApi = createWorkerApi({ dispatcher, repositoryOf: () => repository, ...runtime })
    const brief = await workerApi.brief(caller)
    expect(brief.isRefused).toBe(true)
    expect(brief.text).toContain('index.lock is there')
    expect((await workerApi.reportBlocked(caller, 'Who removes it?')).isRefused).toBe(false)
  })
})

describe('a call that is repeated because its answer was lost', () => {
  it('is acknowledged again when it reported', async () => {
    const { repository, dispatcher, workerApi } = await conflict()
    repository.mergeTarget(one, mine, { 'index.js': 'mine\nother\n' })
    const first = await workerApi.reportDone(caller, 'done')
    expect(first).toEqual({ isRefused: false, text: 'Accepted: mine. Stop now.' })
    const after = dispatcher.state
    expect(await workerApi.reportDone(caller, 'done')).toEqual(first)
    expect(dispatcher.state).toBe(after)
  })

  it('is acknowledged again when it asked', async () => {
    const { workerApi, dispatcher } = await conflict()
    const first = await workerApi.reportBlocked(caller, 'Which one?')
    expect(first.isRefused).toBe(false)
    const after = dispatcher.state
    expect(await workerApi.reportBlocked(caller, 'Which one?')).toEqual(first)
    expect(dispatcher.state).toBe(after)
  })

  it('is refused with another text, of another kind, or from another launch', async () => {
    const { repository, workerApi } = await conflict()
    repository.mergeTarget(one, mine, { 'index.js': 'mine\nother\n' })
    await workerApi.reportDone(caller, 'done')
    expect(await workerApi.reportDone(caller, 'done with something else')).toMatchObject({
      isRefused: true,
    })
    expect(await workerApi.reportBlocked(caller, 'Which one?')).toMatchObject({ isRefused: true })
    expect(await workerApi.reportDone({ instance: one, launch: 2 }, 'done')).toMatchObject({
      isRefused: true,
    })
  })
})
