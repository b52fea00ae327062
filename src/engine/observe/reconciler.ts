import { drift } from '../../core/rules/drift.ts'
import type { InstanceId, Instant, Launch } from '../../core/model/ids.ts'
import { isRunning, type Instance } from '../../core/model/instance.ts'
import type { Clock } from '../../ports/clock.ts'
import { reasonOf } from '../../lib/reason.ts'
import type { RunningInstance, Runtime } from '../../ports/runtime.ts'
import type { Terminals } from '../../ports/terminals.ts'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { AgentStatusTracker } from './agent-status.ts'

export interface ReconcilerParts {
  readonly dispatcher: Dispatcher
  readonly runtime: Runtime
  readonly terminals: Terminals
  readonly sightings: AgentStatusTracker
  readonly clock: Clock
  /** Called with a failure of looking; the next beat looks again. */
  readonly onTrouble: (trouble: string, error: unknown) => void
}

/** Why the instances cannot be looked at, and since when. */
export interface RuntimeOutage {
  readonly reason: string
  readonly since: Instant
}

/** Terminals have no events of their own: a closed one is open again, drawn, within two seconds. */
const beatMs = 1_500
/** Deaths are told by the runtime; looking only finds what telling missed. */
const beatsPerLook = 6

/** Compares what the state believes with what is there, and brings the missing events. Boot uses it, and so does every beat. */
export class Reconciler implements AsyncDisposable {
  readonly #parts: ReconcilerParts
  readonly #watching: Disposable
  #alarm: Disposable | null = null
  #beating: Promise<void> = Promise.resolve()
  #beats = 0
  #runtimeOutage: RuntimeOutage | null = null
  #isClosed = false

  constructor(parts: ReconcilerParts) {
    this.#parts = parts
    this.#watching = parts.runtime.watch((notice) => {
      if (this.#isClosed) return
      if (notice.type === 'status') parts.sightings.noteStatus(notice.instance, notice.status)
      else {
        const { type: _, ...death } = notice
        parts.dispatcher.enqueue({ type: 'instance-lost', ...death })
      }
    })
  }

  /** Null while looking works, as far as it was tried. */
  get runtimeUnreachable(): RuntimeOutage | null {
    return this.#runtimeOutage
  }

  /** Looks once at everything, lets instances hand in what they could not deliver, and looks again at every beat from then on. */
  async begin(): Promise<void> {
    this.#setAlarm()
    await this.#look()
    await this.collect()
  }

  /** Lets the instances hand in what they could not deliver. */
  async collect(): Promise<void> {
    const { runtime, onTrouble } = this.#parts
    const running = await runtime.listRunning()
    const drained = await Promise.allSettled(
      running.map(({ instance }) => runtime.run(instance, ['hook', '--drain'])),
    )
    // One that hangs or has just died keeps its hooks for later; it must not keep the others from being served.
    for (const each of drained)
      if (each.status === 'rejected')
        onTrouble('fetching what an instance could not deliver failed', each.reason)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#alarm?.[Symbol.dispose]()
    this.#watching[Symbol.dispose]()
    await this.#beating
  }

  #setAlarm(): void {
    if (this.#isClosed) return
    const { clock } = this.#parts
    this.#alarm = clock.alarm(clock.now() + beatMs, () => {
      this.#beating = this.#beat().finally(() => this.#setAlarm())
    })
  }

  async #beat(): Promise<void> {
    this.#beats += 1
    try {
      await (this.#beats % beatsPerLook === 0 ? this.#look() : this.#glance())
    } catch (error) {
      this.#parts.onTrouble('looking at the instances failed', error)
    }
  }

  /** What agents say of themselves is told and needs no engine: only that what is believed to run does run has to be looked at. */
  async #glance(): Promise<void> {
    const believed = this.#believedRunning()
    this.#noteDrift(new Map(believed.map(({ id, launch }) => [id, launch])))
    await this.#openTerminals(believed.map(({ id }) => id))
  }

  async #look(): Promise<void> {
    const wasUnreachable = this.#runtimeOutage !== null
    const found = await this.#list()
    if (this.#isClosed) return
    this.#noteDrift(
      new Map(found.map(({ instance, launch }) => [instance, launch])),
      wasUnreachable,
    )
    await this.#openTerminals(found.map(({ instance }) => instance))
  }

  async #list(): Promise<readonly RunningInstance[]> {
    try {
      const found = await this.#parts.runtime.listRunning()
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

  #noteDrift(running: ReadonlyMap<InstanceId, Launch>, wasUnreachable = false): void {
    const { dispatcher, sightings, clock } = this.#parts
    const seen = { running, wasUnreachable, statuses: sightings.statuses() }
    for (const event of drift(dispatcher.state, seen, clock.now())) dispatcher.dispatch(event)
  }

  async #openTerminals(instances: readonly InstanceId[]): Promise<void> {
    const { terminals, runtime } = this.#parts
    const open = await terminals.listOpen()
    for (const instance of instances) {
      if (!open.has(instance) && !this.#isClosed)
        await terminals.ensureOpen(instance, runtime.terminalCommand(instance))
    }
  }

  #believedRunning(): readonly Instance[] {
    return [...this.#parts.dispatcher.state.instances.values()].filter(({ phase }) =>
      isRunning(phase),
    )
  }
}
