import type { Command } from '../../core/model/command.ts'
import { nextAlarm } from '../../core/rules/deadlines.ts'
import { type Decision, decide } from '../../core/decide.ts'
import type { Event } from '../../core/model/event.ts'
import type { Instant } from '../../core/model/ids.ts'
import type { State } from '../../core/model/state.ts'
import { type Redact, redactAll } from '../../lib/redact.ts'
import { reasonOf } from '../../lib/reason.ts'
import { Unavailable } from '../../ports/store-unavailable.ts'
import type { Clock } from '../../ports/clock.ts'
import type { JournalEntry, Store } from '../../ports/store.ts'
import { isHeartbeatOnly } from './heartbeat-filter.ts'

export interface Change {
  readonly before: State
  readonly after: State
  readonly entry: JournalEntry
}

/** Why the store cannot be written, and since when. Without it no event is decided. */
export interface WriteOutage {
  readonly reason: string
  readonly since: Instant
}

/** How often a write is tried during a write outage. */
const retryMs = 1_000

type Execute = (commands: readonly Command[]) => void
type Listener = (change: Change) => void
type WriteOutageListener = (outage: WriteOutage | null) => void

/** An event without its time, which the dispatcher adds. */
export type NewEvent = Event extends infer Each
  ? Each extends unknown
    ? Omit<Each, 'at'>
    : never
  : never

/**
 * The one writer of the state. `dispatch` never awaits: it decides, commits, replaces the state,
 * and only then passes on the commands. So a crash forgets nothing that was acted upon.
 */
export class Dispatcher implements Disposable {
  readonly #store: Store
  readonly #clock: Clock
  readonly #execute: Execute
  readonly #redact: Redact
  readonly #listeners = new Set<Listener>()
  readonly #outageListeners = new Set<WriteOutageListener>()
  /** Events that were enqueued during a write outage, oldest first. */
  readonly #waiting: NewEvent[] = []
  #state: State
  /** The time of the decision that `#state` comes from; null before the first. */
  #decidedAt: Instant | null = null
  #stored: State | null
  #alarm: Disposable | null = null
  #retry: Disposable | null = null
  #writeOutage: WriteOutage | null = null
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
    redact: Redact = (text) => text,
  ) {
    this.#redact = redact
    this.#store = store
    this.#clock = clock
    this.#execute = execute
    this.#stored = store.load()
    this.#state = this.#stored ?? initial
  }

  get state(): State {
    return this.#state
  }

  /** Throws `Unavailable` during a write outage: the caller must send the event again. */
  dispatch(event: NewEvent): Decision {
    if (this.#isClosed) throw new Error(`the server is stopping: ${event.type} was not accepted`)
    this.#dispatchWaiting()
    return this.#decide(event)
  }

  /** For callers that cannot retry: queues the event until the store can be written. */
  enqueue(event: NewEvent): void {
    if (this.#isClosed) return
    this.#waiting.push(event)
    this.#tryToDispatchWaiting()
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
    return this.#writeOutage
  }

  /** How many events wait in memory until they can be written. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Calls the listener when a write outage begins, and with null when it ends. */
  watchWriteOutage(listener: WriteOutageListener): Disposable {
    this.#outageListeners.add(listener)
    return { [Symbol.dispose]: () => this.#outageListeners.delete(listener) }
  }

  /** Calls the listener after every commit, in order. */
  subscribe(listener: Listener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true
    this.#alarm?.[Symbol.dispose]()
    this.#retry?.[Symbol.dispose]()
    this.#listeners.clear()
    this.#outageListeners.clear()
  }

  #decide(newEvent: NewEvent): Decision {
    // Texts of instances must not carry a secret into the journal or the status.
    // The type cannot say that an event is a new event and its time.
    const event = { at: this.#clock.now(), ...redactAll(newEvent, this.#redact) } as Event
    const before = this.#state
    const decision = decide(before, event, this.#decidedAt)
    const { commands, reply, ignored, state: after } = decision
    // The next commit contains it. A crash before that loses only what a restart observes again.
    if (isHeartbeatOnly(event, before, decision)) {
      this.#state = after
      this.#decidedAt = event.at
      this.#setAlarm()
      return decision
    }
    const entry = this.#write(() =>
      this.#store.commit(this.#stored, after, { event, commands, reply, ignored }),
    )
    this.#state = after
    this.#decidedAt = event.at
    this.#stored = after
    this.#setAlarm()
    // Commands come first, so that no listener can prevent them.
    if (commands.length > 0) this.#execute(commands)
    for (const listener of this.#listeners) listener({ before, after, entry })
    return decision
  }

  /** Ends the write outage when the write succeeds; otherwise begins one and plans a retry. */
  #write<Result>(write: () => Result): Result {
    try {
      const result = write()
      if (this.#writeOutage !== null) this.#setWriteOutage(null)
      return result
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      const now = this.#clock.now()
      this.#retry ??= this.#clock.alarm(now + retryMs, () => this.#tryToWrite())
      if (this.#writeOutage === null) this.#setWriteOutage({ reason: reasonOf(error), since: now })
      throw error
    }
  }

  #setWriteOutage(outage: WriteOutage | null): void {
    this.#writeOutage = outage
    for (const listener of this.#outageListeners) listener(outage)
  }

  /** Without a waiting event, only a probe can find out that the outage is over. */
  #tryToWrite(): void {
    this.#retry = null
    if (this.#waiting.length > 0 || this.#writeOutage === null) return this.#tryToDispatchWaiting()
    unlessUnavailable(() => this.#write(() => this.#store.probe()))
  }

  #tryToDispatchWaiting(): void {
    unlessUnavailable(() => this.#dispatchWaiting())
  }

  /** Events that wait come before newer ones. */
  #dispatchWaiting(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        this.#decide(next)
      } catch (error) {
        if (error instanceof Unavailable) this.#waiting.unshift(next)
        throw error
      }
    }
  }

  #setAlarm(): void {
    this.#alarm?.[Symbol.dispose]()
    const due = nextAlarm(this.#state)
    this.#alarm =
      due === null ? null : this.#clock.alarm(due, () => this.enqueue({ type: 'clock-ticked' }))
  }
}

/** A write outage is recorded already, and its retry is planned. */
function unlessUnavailable(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
  }
}
