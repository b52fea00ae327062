import type { PlannedTask } from '../../src/core/model/plan.ts'
import {
  type Commit,
  CredentialId,
  type InstanceId,
  type RunId,
  TaskId,
} from '../../src/core/model/ids.ts'
import { initialState } from '../../src/core/model/initial-state.ts'
import { defaultPolicy, type Policy } from '../../src/core/model/policy.ts'
import type { TaskPhase } from '../../src/core/model/task.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import type { WorkerApi } from '../../src/engine/worker-api.ts'
import type { RunningChecks } from '../../src/engine/observe/running-checks.ts'
import type { Dispatcher } from '../../src/engine/dispatch/dispatcher.ts'
import { parseTaskList } from '../../src/adapters/markdown/task-list.ts'
import type { ModelError } from '../../src/core/model/model-error.ts'
import { createFakeRepository, type FakeRepository } from '../fakes/repository.ts'
import { createFakeRuntime, type FakeRuntime, type FakeRuntimeOptions } from '../fakes/runtime.ts'
import { silentLog } from '../fakes/log.ts'
import { createFakeStore } from '../fakes/store.ts'
import { createFakeTerminals } from '../fakes/terminals.ts'
import { createFakeVault } from '../fakes/vault.ts'
import { createSkippingClock } from '../fakes/skipping-clock.ts'
import { tip } from '../support/run.ts'
import { Agents } from './agents.ts'

/**
 * One turn of a worker: it may use the worker API and commit. Then it stops, or fails with the
 * model error that this returns.
 */
export type WorkerTurn = (turn: {
  readonly stage: Stage
  readonly worker: InstanceId
  readonly task: TaskId
  /** 1 for the first turn of this task, in any attempt. */
  readonly count: number
}) => Promise<ModelError | void>

export interface StageOptions {
  readonly plan: readonly PlannedTask[]
  readonly policy?: Partial<Policy>
  readonly files?: Readonly<Record<string, string>>
  readonly work?: WorkerTurn
  readonly check?: FakeRuntimeOptions['check']
  readonly checks?: readonly string[]
  /** Credentials beside one for each instance. */
  readonly spare?: number
  /** What the Manager answers a blocked task. */
  readonly answer?: string
}

/** The real engine among fakes, on a clock that never waits: whole runs in milliseconds. */
export class Stage {
  readonly clock = createSkippingClock()
  readonly store = createFakeStore()
  readonly repository: FakeRepository
  readonly runtime: FakeRuntime
  readonly terminals
  readonly reports: string[] = []
  readonly #engine: Engine

  static async open(options: StageOptions): Promise<Stage> {
    const repository = createFakeRepository({
      files: { 'PROJECT_DIRECTION.md': '# Build\n', ...options.files },
    })
    return new Stage(options, repository, (await repository.ensureReady()).head)
  }

  private constructor(options: StageOptions, repository: FakeRepository, head: Commit) {
    const agents = new Agents(this, options)
    this.repository = repository
    const policy: Policy = {
      ...defaultPolicy,
      workerCount: 2,
      checks: options.checks ?? [],
      ...options.policy,
    }
    const fake = createFakeRuntime({
      agent: agents.comeUp,
      ...(options.check ? { check: options.check } : {}),
    })
    this.runtime = {
      ...fake,
      files: {
        ...fake.files,
        replaceCredential: async (instance, environment) => {
          await fake.files.replaceCredential(instance, environment)
          setImmediate(() => agents.say({ type: 'settings-read', ...this.caller(instance) }))
        },
      },
    }
    this.terminals = createFakeTerminals({
      onPress: (instance, key, typed) => {
        if (key === 'Enter') setImmediate(() => agents.take(instance, typed.at(-2) ?? ''))
      },
    })
    const clock = this.clock
    const lines = [{ ...tip(), head }]
    const initial = initialState('test' as RunId, policy, lines, clock.now())
    const { store, runtime, terminals } = this
    const vault = createFakeVault(
      Array.from({ length: policy.workerCount + 1 + (options.spare ?? 0) }, (_, index) => ({
        id: CredentialId(`key-${index}`),
        kind: 'api-key',
        secret: `secret-${index}`,
      })),
    )
    this.#engine = createEngine(
      {
        clock,
        store,
        repositoryOf: () => repository,
        ...runtime,
        terminals,
        vault,
        log: silentLog,
        parseTaskList,
        writeReport: async (report) => void this.reports.push(report),
      },
      {
        initial,
        checks: { commands: options.checks ?? [], timeoutMs: 60_000 },
        secret: 'test',
        gatewayUrl: () => '',
        onProblem: (what, error) => {
          throw new Error(what, { cause: error })
        },
      },
    )
    this.#engine.start({ policy, lines })
  }

  get dispatcher(): Dispatcher {
    return this.#engine.dispatcher
  }

  get runningChecks(): RunningChecks {
    return this.#engine.runningChecks
  }

  get workerApi(): WorkerApi {
    return this.#engine.workerApi
  }

  caller(instance: InstanceId): { readonly instance: InstanceId; readonly launch: number } {
    return { instance, launch: this.dispatcher.state.instances.get(instance)?.launch ?? 0 }
  }

  phaseOf(task: string): TaskPhase['name'] | undefined {
    return this.dispatcher.state.tasks.get(TaskId(task))?.phase.name
  }

  /** Resolves when the task is merged; for a worker that waits for another one. */
  async merged(task: string): Promise<void> {
    while (this.phaseOf(task) !== 'merged') await new Promise((resolve) => setImmediate(resolve))
  }

  /** Continues the run until the condition holds; fails after one day of the fake clock. */
  async until(isSo: () => boolean): Promise<void> {
    await this.#engine.reconciler.begin()
    const end = this.clock.now() + 24 * 3_600_000
    while (!isSo()) {
      if (this.clock.now() > end)
        throw new Error(`the run never got there: ${JSON.stringify(this.#summary())}`)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await this.#engine.close({ stopInstances: false })
  }

  untilDone(): Promise<void> {
    return this.until(() => this.dispatcher.state.run.phase.name === 'done')
  }

  #summary(): object {
    const { run, tasks, instances } = this.dispatcher.state
    const phases = (
      all: Iterable<{ readonly id: string; readonly phase: { readonly name: string } }>,
    ) => Object.fromEntries([...all].map(({ id, phase }) => [id, phase.name]))
    return {
      run: run.phase.name,
      tasks: phases(tasks.values()),
      instances: phases(instances.values()),
    }
  }
}
