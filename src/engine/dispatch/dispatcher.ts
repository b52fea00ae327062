import type { Command } from '../../core/model/command.ts'
import { nextAlarm } from '../../core/rules/deadlines.ts'
import type { Decision } from '../../core/decide.ts'
import type { Event } from '../../core/model/event.ts'
import type { Instant } from '../../core/model/ids.ts'
import type { State } from '../../core/model/state.ts'
import { type Redact, redactAll } from '../../lib/redact.ts'
import { Unavailable } from '../../ports/store-unavailable.ts'
import type { Clock } from '../../ports/clock.ts'
import type { JournalEntry, Store } from '../../ports/store.ts'
import { Burst, type Settled, type Soon } from './burst.ts'
import { decideEach, type Step } from './decide-each.ts'
import { type Listener, Listeners, type OnProblem } from './listeners.ts'
import { OutageWatch, unlessUnavailable, type WriteOutage } from './outage.ts'

export type { Change } from './listeners.ts'

type Execute = (commands: readonly Command[]) => void

/** An event without its time, which the dispatcher adds. */
export type NewEvent = Event extends infer Each
  ? Each extends unknown
    ? Omit<Each, 'at'>
    : never
  : never

export interface DispatcherOptions {
  readonly redact?: Redact
  /** Ends the gathering of a burst; `setImmediate` unless set. */
  readonly soon?: Soon
  /** Called with what a listener throws; the others are called all the same. */
  readonly onProblem?: OnProblem
}

/**
 * The one writer of the state. `dispatch` never awaits: it decides, commits, replaces the state,
 * and only then passes on the commands. So a crash forgets nothing that was acted upon.
 */
export class Dispatcher implements Disposable {
  readonly #store: Store
  readonly #clock: Clock
  readonly #execute: Execute
  readonly #redact: Redact
  readonly #listeners: Listeners
  readonly #outages: OutageWatch
  /** Events whose callers wait until they are durable. */
  readonly #burst: Burst<NewEvent, Decision>
  /** Events that were enqueued during a write outage, oldest first. */
  readonly #waiting: NewEvent[] = []
  #state: State
  /** The time of the decision that `#state` comes from; null before the first. */
  #decidedAt: Instant | null = null
  #stored: State | null
  #alarm: Disposable | null = null
  #isClosed = false

  /**
   * Begins with the stored state, or with `initial` where there is none. `execute` is called after
   * the commit and must not throw.
   */
  constructor(
    store: Store,
    clock: Clock,
    initial: State,
    execute: Execute,
    { redact = (text) => text, soon = setImmediate, onProblem }: DispatcherOptions = {},
  ) {
    this.#redact = redact
    this.#listeners = new Listeners(onProblem)
    this.#outages = new OutageWatch(clock, () => this.#tryToWrite())
    this.#burst = new Burst((events) => this.#decideBurst(events), soon)
    this.#store = store
    this.#clock = clock
    this.#execute = execute
    this.#stored = store.load()
    this.#state = this.#stored ?? initial
  }

  /** Events of `dispatchSoon` that are not decided yet are not in it. */
  get state(): State {
    return this.#state
  }

  /** Decides what was gathered, for a caller that judges the state and then dispatches. */
  flush(): void {
    this.#burst.flush()
  }

  /** Throws `Unavailable` during a write outage: the caller must send the event again. */
  dispatch(event: NewEvent): Decision {
    this.#requireOpen(event)
    this.#burst.flush()
    this.#dispatchWaiting()
    return this.#decideOne(event)
  }

  /**
   * As `dispatch`, with one commit for all events that arrive together. Resolves once the event is
   * durable.
   */
  async dispatchSoon(event: NewEvent): Promise<Decision> {
    this.#requireOpen(event)
    return await this.#burst.add(event)
  }

  /**
   * For callers that cannot retry: queues the event until the store can be written. False while it
   * is in memory only, and when the server is stopping and drops it.
   */
  enqueue(event: NewEvent): boolean {
    if (this.#isClosed) return false
    this.#burst.flush()
    this.#waiting.push(event)
    this.#tryToDispatchWaiting()
    return this.#waiting.length === 0
  }

  /** For events that come again anyway: drops the event during a write outage. */
  dispatchBestEffort(event: NewEvent): void {
    unlessUnavailable(() => this.dispatch(event))
  }

  /** True once it accepts no more events. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Null while the store can be written. */
  get writeOutage(): WriteOutage | null {
    return this.#outages.outage
  }

  /** How many events wait in memory until they can be written. */
  get waiting(): number {
    return this.#waiting.length + this.#burst.size
  }

  /** Calls the listener when a write outage begins, and with null when it ends. */
  watchWriteOutage(listener: (outage: WriteOutage | null) => void): Disposable {
    return this.#outages.watch(listener)
  }

  /** Calls the listener after every commit, in order. */
  subscribe(listener: Listener): Disposable {
    return this.#listeners.add(listener)
  }

  [Symbol.dispose](): void {
    this.#isClosed = true
    this.#alarm?.[Symbol.dispose]()
    this.#outages[Symbol.dispose]()
    this.#listeners[Symbol.dispose]()
  }

  /**
   * Commits the decisions of all events at once. Throws `Unavailable` when that fails; then nothing
   * has happened.
   */
  #decide(events: readonly NewEvent[]): readonly Settled<Decision>[] {
    const { outcomes, steps, state, decidedAt } = decideEach(
      this.#state,
      this.#decidedAt,
      events.map((event) => this.#stamp(event)),
    )
    const lines = steps.map(({ line }) => line)
    const entries =
      lines.length === 0
        ? []
        : this.#outages.write(() => this.#store.commit(this.#stored, state, lines))
    this.#state = state
    this.#decidedAt = decidedAt
    // A crash before the next commit loses heartbeats only, which a restart observes again.
    if (lines.length > 0) this.#stored = state
    this.#setAlarm()
    // Commands come first, so that no listener can prevent them.
    for (const { commands } of lines) if (commands.length > 0) this.#execute(commands)
    for (const [index, entry] of entries.entries()) this.#announce(steps[index], entry)
    return outcomes
  }

  #stamp(event: NewEvent): Event {
    // Texts of instances must not carry a secret into the journal or the status.
    return { at: this.#clock.now(), ...redactAll(event, this.#redact) }
  }

  #announce(step: Step | undefined, entry: JournalEntry): void {
    if (step === undefined) return
    const { before, after } = step
    this.#listeners.announce({ before, after, entry })
  }

  /** Without a waiting event, only a probe can find out that the outage is over. */
  #tryToWrite(): void {
    if (this.#waiting.length > 0 || this.writeOutage === null) return this.#tryToDispatchWaiting()
    unlessUnavailable(() => this.#outages.write(() => this.#store.probe()))
  }

  #tryToDispatchWaiting(): void {
    unlessUnavailable(() => this.#dispatchWaiting())
  }

  /** Events that wait come before newer ones. */
  #dispatchWaiting(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        this.#decideOne(next)
      } catch (error) {
        if (error instanceof Unavailable) this.#waiting.unshift(next)
        throw error
      }
    }
  }

  #decideOne(event: NewEvent): Decision {
    const [outcome] = this.#decide([event])
    if (outcome !== undefined && 'result' in outcome) return outcome.result
    throw outcome?.error
  }

  #decideBurst(events: readonly NewEvent[]): readonly Settled<Decision>[] {
    for (const event of events) this.#requireOpen(event)
    this.#dispatchWaiting()
    return this.#decide(events)
  }

  #requireOpen({ type }: NewEvent): void {
    if (this.#isClosed) throw new Error(`the server is stopping: ${type} was not accepted`)
  }

  #setAlarm(): void {
    this.#alarm?.[Symbol.dispose]()
    const due = nextAlarm(this.#state)
    this.#alarm =
      due === null ? null : this.#clock.alarm(due, () => this.enqueue({ type: 'clock-ticked' }))
  }
}
