import { describe, expect, it } from 'vitest'
import { createFakeRepository, type FakeRepository } from '../../test/fakes/repository.ts'
import { createFakeRuntime, type FakeRuntime } from '../../test/fakes/runtime.ts'
import { createSkippingClock } from '../../test/fakes/skipping-clock.ts'
import { createFakeTerminals } from '../../test/fakes/terminals.ts'
import { createFakeVault } from '../../test/fakes/vault.ts'
import { commit, line, one, planned, Run } from '../../test/support/run.ts'
import { parseTaskList } from '../adapters/markdown/task-list.ts'
import type { Command } from '../core/model/command.ts'
import { BackupId, TaskId } from '../core/model/ids.ts'
import { LaunchTokens } from './commands/launch-tokens.ts'
import type { NewEvent } from './dispatch/dispatcher.ts'
import { Executor } from './executor.ts'
import { AgentStatusTracker } from './observe/agent-status.ts'

const task = TaskId('a')

interface Change {
  readonly repository?: Partial<FakeRepository>
  readonly workspaces?: Partial<FakeRuntime['workspaces']>
  readonly instances?: Partial<FakeRuntime['instances']>
  readonly run?: Run
}

/** An executor among fakes, some of whose methods are replaced, and the events that it dispatches. */
function execute(commands: readonly Command[], { repository, workspaces, instances, run }: Change) {
  const events: NewEvent[] = []
  const runtime = createFakeRuntime()
  const clock = createSkippingClock()
  const executor = new Executor({
    ...runtime,
    workspaces: { ...runtime.workspaces, ...workspaces },
    instances: { ...runtime.instances, ...instances },
    repositoryOf: () => ({ ...createFakeRepository({ files: {} }), ...repository }),
    clock,
    terminals: createFakeTerminals(),
    vault: createFakeVault([]),
    tokens: new LaunchTokens('test'),
    agentStatus: new AgentStatusTracker(clock),
    checks: { commands: [], timeoutMs: 0 },
    state: () => (run ?? new Run()).state,
    gatewayUrl: () => '',
    parseTaskList,
    writeReport: async () => undefined,
    dispatch: (event) => events.push(event),
  })
  executor.execute(commands)
  return { events, executor }
}

const refuse = (reason: string) => async () => {
  throw new Error(reason)
}
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
          async mergeUpstream() {
            steps.push('fetch begins')
            return { type: 'unchanged' }
          },
        },
      },
    )
    await turn()
    expect(steps).toEqual(['lists begin'])
    listsWritten.resolve()
    while (events.length < 2) await turn()
    await executor.close()
    expect(steps).toEqual(['lists begin', 'lists end', 'fetch begins'])
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
  const merge = { type: 'merge-task', line, task, commit: commit('work-a') } as const
  const failureWith = async (repository: Partial<FakeRepository>): Promise<NewEvent[]> => {
    const run = new Run()
      .planned([planned('a')])
      .confirmed(one)
      .reports(one)
    const { events } = execute([merge], {
      repository: { findLanded: async () => null, ...repository },
      run,
    })
    while (!events.some(({ type }) => type === 'merge-failed')) await turn()
    return events.filter(({ type }) => type === 'merge-failed')
  }
  const candidate = { type: 'candidate', commit: commit('merge-a'), base: commit('base') } as const

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
