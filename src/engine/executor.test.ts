import { describe, expect, it } from 'vitest'
import type { FakeRepository } from '../../test/fakes/repository.ts'
import { execute } from '../../test/support/execute.ts'
import { commit, line, one, planned, Run } from '../../test/support/run.ts'
import { BackupId, TaskId } from '../core/model/ids.ts'
import type { NewEvent } from './dispatch/dispatcher.ts'

const task = TaskId('a')

const merged = { commit: commit('merge-a'), base: commit('base') }
const candidate = { type: 'candidate', ...merged, protected: null } as const
const merge = {
  type: 'merge-task',
  line,
  task,
  commit: commit('work-a'),
  ...{ mayFailFrom: null, approved: null },
} as const
const refuse = (reason: string) => async () => {
  throw new Error(reason)
}
const merging = () =>
  new Run()
    .planned([planned('a')])
    .confirmed(one)
    .reports(one)
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('commands for the hub', () => {
  it('are executed one after the other, in their order', async () => {
    const [steps, listsWritten] = [Array<string>(), Promise.withResolvers<void>()]
    const { events, executor } = execute(
      [
        { type: 'commit-lists', line },
        { type: 'merge-upstream', line },
      ],
      {
        repository: {
          async commitFiles() {
            steps.push('lists begin')
            await listsWritten.promise
            steps.push('lists end')
            return commit('lists')
          },
          mergeUpstream: async (_answer, apply = (job) => job()) =>
            apply(async () => {
              steps.push('fetched is merged')
              return { type: 'unchanged' }
            }),
        },
      },
    )
    await turn()
    expect(steps).toEqual(['lists begin'])
    listsWritten.resolve()
    while (events.length < 2) await turn()
    await executor.close()
    expect(steps).toEqual(['lists begin', 'lists end', 'fetched is merged'])
  })

  it('do not wait for the checks of a merge, which lands when they pass', async () => {
    const run = merging()
    const checked = Promise.withResolvers<void>()
    const { events, executor, runningChecks } = execute(
      [merge, { type: 'commit-lists', line }, { type: 'merge-upstream', line }],
      {
        run,
        check: () => checked.promise.then(() => ({ ok: true, output: '' })),
        repository: {
          findLanded: async () => null,
          tryMerge: async () => candidate,
          land: async () => true,
          commitFiles: async () => commit('lists'),
          mergeUpstream: async (_answer, apply = (job) => job()) =>
            apply(async () => ({ type: 'unchanged' })),
        },
      },
    )
    while (events.length < 3) await turn()
    const types = events.map(({ type }) => type).toSorted()
    expect(types).toEqual(['lists-committed', 'merge-checking', 'upstream-merged'])
    expect(runningChecks.all).toMatchObject([{ line, task, commit: candidate.commit }])
    checked.resolve()
    await executor.close()
    expect(events.at(-1)).toMatchObject({ type: 'merge-landed' })
  })

  it('do not wait for a fetch from an origin that hangs, and merges land meanwhile', async () => {
    const fetched = Promise.withResolvers<void>()
    const { events, executor } = execute(
      [{ type: 'merge-upstream', line }, merge, { type: 'commit-lists', line }],
      {
        run: merging(),
        repository: {
          findLanded: async () => null,
          tryMerge: async () => candidate,
          land: async () => true,
          commitFiles: async () => commit('lists'),
          mergeUpstream: async (_answer, apply = (job) => job()) => {
            await fetched.promise
            return apply(async () => ({ type: 'unchanged' }))
          },
        },
      },
    )
    while (events.length < 2) await turn()
    expect(events.map(({ type }) => type).toSorted()).toEqual(['lists-committed', 'merge-landed'])
    fetched.resolve()
    await executor.close()
    expect(events.at(-1)).toMatchObject({ type: 'upstream-merged' })
  })

  it('do not wait for a push', async () => {
    const pushed = Promise.withResolvers<void>()
    const { events, executor } = execute(
      [
        { type: 'publish', line, head: commit('base') },
        { type: 'commit-lists', line },
      ],
      {
        repository: {
          commitFiles: async () => commit('lists'),
          async publish() {
            await pushed.promise
            return { type: 'published', commit: commit('base') }
          },
        },
      },
    )
    while (events.length < 1) await turn()
    expect(events.map(({ type }) => type)).toEqual(['lists-committed'])
    pushed.resolve()
    await executor.close()
    expect(events.map(({ type }) => type)).toEqual(['lists-committed', 'published'])
  })
})

describe('a stop', () => {
  const stopsOf = async (launch: number): Promise<readonly string[]> => {
    const stopped: string[] = []
    const run = new Run().planned([planned('a')])
    run.when({ type: 'instance-lost', cause: 'killed', ...run.from(one) }).later(60_000)
    expect(run.state.instances.get(one)?.launch).toBe(2)
    const { executor } = execute([{ type: 'stop-instance', instance: one, launch }], {
      instances: { ensureStopped: async (instance) => void stopped.push(instance) },
      run,
    })
    await turn()
    await executor.close()
    return stopped
  }

  it('of an older launch, whose command was late, leaves the newer launch alone', async () => {
    expect(await stopsOf(1)).toEqual([])
  })

  it('of the current launch ends it', async () => {
    expect(await stopsOf(2)).toEqual([one])
  })
})

describe('an interruption', () => {
  it('presses no key when its turn ended, or its launch did, while it was queued', async () => {
    const { events, executor } = execute([{ type: 'interrupt-turn', instance: one, launch: 1 }], {
      run: new Run().planned([planned('a')]).confirmed(one),
    })
    await turn()
    await executor.close()
    expect(events).toEqual([])
  })

  it('that fails is reported to the phase that waits for it', async () => {
    const run = new Run({ busyMs: 1 })
      .planned([planned('a')])
      .confirmed(one)
      .later(600_000)
    run.when({ type: 'instance-busy', tool: null, ...run.from(one) })
    const { events } = execute([{ type: 'interrupt-turn', instance: one, launch: 1 }], { run })
    while (events.length === 0) await turn()
    expect(events).toMatchObject([
      { type: 'command-failed', command: 'interrupt-turn', instance: one, launch: 1 },
    ])
  })
})

describe('a save that throws', () => {
  it('is reported as not final, so that it is tried again', async () => {
    const backup = BackupId('worker-1/a/1')
    const { events } = execute([{ type: 'save-work', line, instance: one, task, backup }], {
      workspaces: { salvage: refuse('no engine answers') },
    })
    while (events.length === 0) await turn()
    expect(events).toEqual([
      { type: 'work-not-saved', backup, reason: 'no engine answers', isFinal: false },
    ])
  })
})

describe('a merge that throws', () => {
  const failureWith = async (repository: Partial<FakeRepository>): Promise<NewEvent[]> => {
    const run = merging()
    const { events } = execute([merge], {
      repository: { findLanded: async () => null, ...repository },
      run,
    })
    while (!events.some(({ type }) => type === 'merge-failed')) await turn()
    return events.filter(({ type }) => type === 'merge-failed')
  }

  it('may have landed when the target was about to move', async () => {
    const events = await failureWith({
      tryMerge: async () => candidate,
      land: refuse('git timed out'),
    })
    expect(events).toMatchObject([{ reason: 'git timed out', mayHaveLanded: true }])
  })

  it('may have landed when it is unknown whether an earlier try moved the target', async () => {
    const events = await failureWith({ findLanded: refuse('git timed out') })
    expect(events).toMatchObject([{ reason: 'git timed out', mayHaveLanded: true }])
  })

  it('has not landed when it failed before the target could move', async () => {
    const events = await failureWith({ tryMerge: refuse('disk full') })
    expect(events).toMatchObject([{ reason: 'disk full', mayHaveLanded: false }])
  })
})
