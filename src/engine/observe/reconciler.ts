import { drift, type Observation } from '../../core/rules/drift.ts'
import type { InstanceId, Instant, Launch } from '../../core/model/ids.ts'
import { isRunning, type Instance } from '../../core/model/instance.ts'
import type { Clock } from '../../ports/clock.ts'
import { reasonOf } from '../../lib/reason.ts'
import type { Instances, RunningInstance } from '../../ports/instances.ts'
import type { Workspaces } from '../../ports/workspaces.ts'
import type { Terminals } from '../../ports/terminals.ts'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { AgentStatusTracker } from './agent-status.ts'

export interface ReconcilerParts {
  readonly dispatcher: Dispatcher
  readonly instances: Instances
  readonly workspaces: Pick<Workspaces, 'runTool'>
  readonly terminals: Terminals
  readonly agentStatus: AgentStatusTracker
  readonly clock: Clock
  /** Called when a pass failed; the next pass tries again. */
  readonly onProblem: (what: string, error: unknown) => void
}

/** Why the runtime does not answer, and since when. */
export interface RuntimeOutage {
  readonly reason: string
  readonly since: Instant
}

/** Terminals send no events: a closed one is open and drawn again within two seconds. */
const passEveryMs = 1_500
/** The runtime reports deaths as they happen; the full pass finds those that it missed. */
const passesPerFullPass = 6

/**
 * Compares the state with the world and dispatches the events that were missed: at the start and
 * in every pass.
 */
export class Reconciler implements AsyncDisposable {
  readonly #parts: ReconcilerParts
  readonly #watching: Disposable
  #alarm: Disposable | null = null
  #passing: Promise<void> = Promise.resolve()
  #caring: Promise<void> = Promise.resolve()
  #isCaring = false
  #passes = 0
  #runtimeOutage: RuntimeOutage | null = null
  #isClosed = false

  constructor(parts: ReconcilerParts) {
    this.#parts = parts
    this.#watching = parts.instances.watch((notice) => {
      if (this.#isClosed) return
      if (notice.type === 'status') parts.agentStatus.setStatus(notice.instance, notice.status)
      else {
        const { type: _, ...death } = notice
        parts.dispatcher.enqueue({ type: 'instance-lost', ...death })
      }
    })
  }

  /** Null unless the last full pass failed. */
  get runtimeUnreachable(): RuntimeOutage | null {
    return this.#runtimeOutage
  }

  /** Makes a full pass, collects undelivered hooks, and then makes a pass every `passEveryMs`. */
  async begin(): Promise<void> {
    this.#setAlarm()
    await this.#fullPass()
    await this.collect()
  }

  /** Has every running instance send the hooks in its outbox. */
  async collect(): Promise<void> {
    const { instances, workspaces, onProblem } = this.#parts
    const running = await instances.listRunning()
    const results = await Promise.allSettled(
      running.map(({ instance }) => workspaces.runTool(instance, ['hook', '--drain'])),
    )
    // An instance that hangs or has just died keeps its hooks; it does not affect the others.
    for (const result of results)
      if (result.status === 'rejected')
        onProblem('collecting the undelivered hooks of an instance failed', result.reason)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#alarm?.[Symbol.dispose]()
    this.#watching[Symbol.dispose]()
    await this.#passing
    await this.#caring
  }

  #setAlarm(): void {
    if (this.#isClosed) return
    const { clock } = this.#parts
    this.#alarm = clock.alarm(clock.now() + passEveryMs, () => {
      this.#passing = this.#pass().finally(() => this.#setAlarm())
    })
  }

  async #pass(): Promise<void> {
    this.#passes += 1
    try {
      await (this.#passes % passesPerFullPass === 0 ? this.#fullPass() : this.#quickPass())
    } catch (error) {
      this.#parts.onProblem('comparing the state with the instances failed', error)
    }
  }

  /** Agent statuses are pushed: only the full pass asks the engine which containers run. */
  async #quickPass(): Promise<void> {
    const recorded = this.#recordedRunning()
    this.#dispatchDrift(new Map(recorded.map(({ id, launch }) => [id, launch])))
    this.#careForTerminals()
  }

  async #fullPass(): Promise<void> {
    const wasUnreachable = this.#runtimeOutage !== null
    const found = await this.#list()
    if (this.#isClosed) return
    const old = found.flatMap(({ instance, outdated }) =>
      outdated === undefined ? [] : [[instance, outdated] as const],
    )
    this.#dispatchDrift(new Map(found.map(({ instance, launch }) => [instance, launch])), {
      outdated: new Map(old),
      wasUnreachable,
    })
    this.#careForTerminals()
  }

  async #list(): Promise<readonly RunningInstance[]> {
    try {
      const found = await this.#parts.instances.listRunning()
      this.#runtimeOutage = null
      return found
    } catch (error) {
      this.#runtimeOutage = {
        reason: reasonOf(error),
        since: this.#runtimeOutage?.since ?? this.#parts.clock.now(),
      }
      throw error
    }
  }

  #dispatchDrift(
    running: ReadonlyMap<InstanceId, Launch>,
    more: Pick<Observation, 'outdated' | 'wasUnreachable'> = {},
  ): void {
    const { dispatcher, agentStatus, clock } = this.#parts
    // A Stop that has arrived ends its turn: without it, the same turn would end twice.
    dispatcher.flush()
    const seen = { running, ...more, statuses: agentStatus.statuses() }
    for (const event of drift(dispatcher.state, seen, clock.now())) dispatcher.dispatch(event)
  }

  /** No pass waits for terminals: while they hang, a death is still noticed. */
  #careForTerminals(): void {
    if (this.#isCaring) return
    this.#isCaring = true
    this.#caring = this.#openTerminals()
      .catch((error: unknown) => this.#parts.onProblem('opening a terminal failed', error))
      .finally(() => {
        this.#isCaring = false
      })
  }

  async #openTerminals(): Promise<void> {
    const { terminals, instances } = this.#parts
    const open = await terminals.listOpen()
    const runs = (id: InstanceId): boolean => this.#recordedRunning().some((each) => each.id === id)
    for (const { id } of this.#recordedRunning()) {
      if (!open.has(id) && runs(id) && !this.#isClosed)
        await terminals.ensureOpen(id, instances.terminalCommand(id))
    }
  }

  #recordedRunning(): readonly Instance[] {
    return [...this.#parts.dispatcher.state.instances.values()].filter(({ phase }) =>
      isRunning(phase),
    )
  }
}
