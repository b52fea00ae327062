import type { TaskId } from '../core/model/ids.ts'
import type { ChangedSetting } from '../core/model/event.ts'
import type { LineTip } from '../core/model/line.ts'
import type { Policy } from '../core/model/policy.ts'
import type { State } from '../core/model/state.ts'
import { describeUnpublished } from '../core/text/final-report.ts'
import type { Redact } from '../lib/redact.ts'
import { reasonOf } from '../lib/reason.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { RepositoryOf } from '../ports/repository.ts'
import type { CheckRunner } from '../ports/checks.ts'
import type { InstanceFiles } from '../ports/instance-files.ts'
import type { Instances } from '../ports/instances.ts'
import type { Workspaces } from '../ports/workspaces.ts'
import type { MaintainedStore } from '../ports/store.ts'
import type { ParseTaskList } from '../ports/task-lists.ts'
import type { Terminals } from '../ports/terminals.ts'
import type { Vault } from '../ports/vault.ts'
import { LaunchTokens } from './commands/launch-tokens.ts'
import { storeRenewals } from './commands/logins.ts'
import type { Checks } from './commands/gates/gate.ts'
import type { Soon } from './dispatch/burst.ts'
import { type Change, Dispatcher } from './dispatch/dispatcher.ts'
import { Executor } from './executor.ts'
import { AgentStatusTracker } from './observe/agent-status.ts'
import { HandoffMeter } from './observe/handoffs.ts'
import { Maintenance } from './observe/maintenance.ts'
import { Reconciler } from './observe/reconciler.ts'
import { RunningChecks } from './observe/running-checks.ts'
import { describeTransitions } from './observe/transition-log.ts'
import { workToAnswer } from '../core/rules/protected-work.ts'
import { unpublishedOn } from './commands/write-report.ts'
import { createWorkerApi, type WorkerApi } from './worker-api.ts'

/** Everything that the engine needs from the world. */
export interface EnginePorts {
  readonly clock: Clock
  readonly store: MaintainedStore
  readonly repositoryOf: RepositoryOf
  readonly instances: Instances
  readonly workspaces: Workspaces
  readonly files: InstanceFiles
  readonly checkRunner: CheckRunner
  readonly terminals: Terminals
  readonly vault: Vault
  readonly log: Log
  readonly parseTaskList: ParseTaskList
  /** Writes the Manager's final report. */
  readonly writeReport: (report: string) => Promise<void>
}

export interface EngineOptions {
  /** The state to begin with where the store holds none. */
  readonly initial: State
  readonly checks: Checks
  /** The token of every launch is derived from it. */
  readonly secret: string
  /** The URL at which instances reach the gateway; known once the server listens. */
  readonly gatewayUrl: () => string
  readonly redact?: Redact
  /** Ends the gathering of events that arrive together; `setImmediate` unless set. */
  readonly soon?: Soon
  /** Called with a failure that belongs to no command; the engine continues. */
  readonly onProblem: (what: string, error: unknown) => void
}

export interface EngineStart {
  readonly policy: Policy
  /** The lines of the configuration, with the commits of their target branches. */
  readonly lines: readonly LineTip[]
  /** Settings that are not those of the last start. */
  readonly changed?: readonly ChangedSetting[]
}

/** Characters of a diff for a person. */
const longestDescription = 1024 ** 2

/** The one assembly of the engine: the server, the scenarios and the simulation run this. */
export function createEngine(ports: EnginePorts, options: EngineOptions): Engine {
  return new Engine(ports, options)
}

export class Engine {
  readonly dispatcher: Dispatcher
  readonly workerApi: WorkerApi
  readonly tokens: LaunchTokens
  readonly handoffs = new HandoffMeter()
  readonly reconciler: Reconciler
  readonly maintenance: Maintenance
  readonly runningChecks: RunningChecks
  readonly #ports: EnginePorts
  readonly #options: EngineOptions
  readonly #agentStatus: AgentStatusTracker
  readonly #executor: Executor
  readonly #watches = new DisposableStack()

  constructor(ports: EnginePorts, options: EngineOptions) {
    const { clock, store } = ports
    const { initial, onProblem } = options
    this.#ports = ports
    this.#options = options
    this.tokens = new LaunchTokens(options.secret)
    this.dispatcher = new Dispatcher(
      store,
      clock,
      initial,
      (commands) => this.#executor.execute(commands),
      options,
    )
    const { dispatcher } = this
    this.#agentStatus = new AgentStatusTracker(clock)
    this.runningChecks = new RunningChecks(clock, options.redact)
    this.#executor = new Executor({
      ...ports,
      state: () => dispatcher.state,
      dispatch: (event) => dispatcher.enqueue(event),
      agentStatus: this.#agentStatus,
      runningChecks: this.runningChecks,
      tokens: this.tokens,
      checks: options.checks,
      gatewayUrl: options.gatewayUrl,
    })
    const { vault, files } = ports
    // Before the reconciler watches the runtime: what an instance renewed while no server ran is
    // reported once, as soon as the runtime finds the instance, which may be before `start`.
    this.#watches.use(storeRenewals({ files, vault }, { onProblem }))
    this.reconciler = new Reconciler({
      ...ports,
      dispatcher,
      agentStatus: this.#agentStatus,
      onProblem,
    })
    this.maintenance = new Maintenance({ store, clock, onProblem })
    this.workerApi = createWorkerApi({ ...ports, dispatcher })
    dispatcher.subscribe((change) => this.#onChange(change))
    dispatcher.watchWriteOutage((outage) => this.#onWriteOutage(outage))
  }

  /** Starts the run, or continues the one in the store, and compares it with the world. */
  async begin(start: EngineStart): Promise<void> {
    this.start(start)
    await this.reconciler.begin()
  }

  /** The first half of `begin`: the state and its commands, without the comparison. */
  start({ policy, lines, changed }: EngineStart): void {
    const { vault } = this.#ports
    const credentials = vault.list()
    this.dispatcher.dispatch({
      type: 'server-started',
      policy,
      lines,
      credentials,
      ...(changed === undefined ? {} : { changed }),
    })
    this.#watches.use(
      vault.watch((change) => {
        for (const { file, what, remedy } of change.problems) {
          this.#ports.log.warn({ file, remedy }, `credential file ${what}`)
        }
        const { credentials: pool, changed } = change
        this.dispatcher.enqueue({ type: 'credentials-changed', credentials: pool, changed })
      }),
    )
  }

  /**
   * Starts nothing more and resolves when the running commands have ended. `stopInstances` stops
   * the instances too; otherwise they keep running.
   */
  async close({ stopInstances }: { readonly stopInstances: boolean }): Promise<void> {
    await this.reconciler[Symbol.asyncDispose]()
    await this.#executor.close()
    this.#watches.dispose()
    if (stopInstances) await this.#stopEverything()
    this.dispatcher[Symbol.dispose]()
    await this.maintenance[Symbol.asyncDispose]()
  }

  /**
   * What a merge that waits for a person changes in protected paths; null when it waits for none.
   */
  async describeProtected(task: TaskId): Promise<string | null> {
    const merge = this.dispatcher.state.merges.find((each) => each.task === task)
    const work = merge === undefined ? null : workToAnswer(merge)
    if (merge === undefined || work === null) return null
    return this.#ports.repositoryOf(merge.line).describeProtected(work, longestDescription)
  }

  /** What the origins lack, one sentence for each line. */
  async unpublished(): Promise<readonly string[]> {
    const state = () => this.dispatcher.state
    const lines = [...state().lines.values()].filter(({ publish }) => publish.name !== 'current')
    const { repositoryOf } = this.#ports
    const found = await Promise.all(
      lines.map(({ id }) => unpublishedOn(id, { state, repositoryOf })),
    )
    return found.filter(({ commits }) => commits > 0).map(describeUnpublished)
  }

  #onChange(change: Change): void {
    const { before, after } = change
    // A run that is restored from a backup before a merge would do that merge again.
    const isUrgent = [...after.lines.values()].some(
      ({ id, head }) => before.lines.get(id)?.head !== head,
    )
    this.maintenance.onChange({ isUrgent })
    this.handoffs.onChange(change)
    for (const { level, text, fields } of describeTransitions(change)) {
      this.#ports.log[level](fields, text)
    }
  }

  #onWriteOutage(outage: Dispatcher['writeOutage']): void {
    if (outage !== null) {
      return this.#ports.log.error(
        { ...outage },
        'the database cannot be written: the server tries again every second',
      )
    }
    this.#ports.log.info({}, 'the database can be written again')
    this.reconciler.collect().catch((error: unknown) => {
      this.#options.onProblem(`collecting undelivered hooks failed: ${reasonOf(error)}`, error)
    })
  }

  async #stopEverything(): Promise<void> {
    const { instances, terminals } = this.#ports
    await instances.ensureAllStopped()
    for (const id of this.dispatcher.state.instances.keys()) await terminals.ensureClosed(id)
  }
}
