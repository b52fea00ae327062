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

/** Why nothing can be written down, and so nothing decided. */
export interface WriteOutage {
  readonly reason: string
  readonly since: Instant
}

const retryMs = 1_000

type CarryOut = (commands: readonly Command[]) => void
type Listener = (change: Change) => void
type WriteOutageListener = (standstill: WriteOutage | null) => void

/** A fact without its time: the dispatcher puts it on the clock. */
export type NewEvent = Event extends infer Each
  ? Each extends unknown
    ? Omit<Each, 'at'>
    : never
  : never

/**
 * The one writer. `dispatch` never awaits: it decides, commits, swaps the state and only then lets anybody act on it,
 * so that nothing is done that would be forgotten by a crash.
 */
export class Dispatcher implements Disposable {
  readonly #store: Store
  readonly #clock: Clock
  readonly #carryOut: CarryOut
  readonly #redact: Redact
  readonly #listeners = new Set<Listener>()
  readonly #standstillListeners = new Set<WriteOutageListener>()
  /** Facts that nobody can bring again, oldest first, while nothing can be written. */
  readonly #waiting: NewEvent[] = []
  #state: State
  #stored: State | null
  #alarm: Disposable | null = null
  #retry: Disposable | null = null
  #standstill: WriteOutage | null = null
  #isClosed = false

  /** Begins with `initial` where the store holds nothing. `carryOut` must not throw; it is called after the commit. */
  constructor(
    store: Store,
    clock: Clock,
    initial: State,
    carryOut: CarryOut,
    redact: Redact = (text) => text,
  ) {
    this.#redact = redact
    this.#store = store
    this.#clock = clock
    this.#carryOut = carryOut
    this.#stored = store.load()
    this.#state = this.#stored ?? initial
  }

  get state(): State {
    return this.#state
  }

  /** Throws `Unavailable` while nothing can be written: whoever brings the fact has to come again. */
  dispatch(fact: NewEvent): Decision {
    if (this.#isClosed) throw new Error(`the server is stopping: ${fact.type} was not taken`)
    this.#catchUp()
    return this.#take(fact)
  }

  /** For whoever cannot come again with the fact: while nothing can be written, it is tried again and again, in order. */
  enqueue(fact: NewEvent): void {
    if (this.#isClosed) return
    this.#waiting.push(fact)
    this.#tryToCatchUp()
  }

  /** For what will be told again anyway: while nothing can be written, it is not taken. */
  dispatchBestEffort(fact: NewEvent): void {
    try {
      this.dispatch(fact)
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
    }
  }

  /** True once it takes no more events. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Null while everything is written as it comes. */
  get writeOutage(): WriteOutage | null {
    return this.#standstill
  }

  /** How many facts wait in memory until they can be written. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Tells when a standstill begins, and with null when it is over. */
  watchWriteOutage(listener: WriteOutageListener): Disposable {
    this.#standstillListeners.add(listener)
    return { [Symbol.dispose]: () => this.#standstillListeners.delete(listener) }
  }

  /** Tells the listener of every event after its commit, in order. */
  subscribe(listener: Listener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true
    this.#alarm?.[Symbol.dispose]()
    this.#retry?.[Symbol.dispose]()
    this.#listeners.clear()
    this.#standstillListeners.clear()
  }

  #take(fact: NewEvent): Decision {
    // A fact is an event but for its time; what instances say in it must not carry a secret into the journal or the status.
    const event = { at: this.#clock.now(), ...redactAll(fact, this.#redact) } as Event
    const before = this.#state
    const decision = decide(before, event)
    const { commands, reply, ignored, state: after } = decision
    // It is written with the next fact that matters; a crash before that forgets nothing that a restart would have looked at.
    if (isHeartbeatOnly(event, before, decision)) {
      this.#state = after
      this.#setAlarm()
      return decision
    }
    const entry = this.#commit(after, { event, commands, reply, ignored })
    this.#state = after
    this.#stored = after
    this.#setAlarm()
    // First what the decision asks for: whoever only listens must not be able to keep it from being done.
    if (commands.length > 0) this.#carryOut(commands)
    for (const listener of this.#listeners) listener({ before, after, entry })
    return decision
  }

  #commit(after: State, line: Omit<JournalEntry, 'sequence'>): JournalEntry {
    try {
      const entry = this.#store.commit(this.#stored, after, line)
      if (this.#standstill !== null) this.#enterStandstill(null)
      return entry
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      this.#retry ??= this.#clock.alarm(this.#clock.now() + retryMs, () => this.#tryAgain())
      if (this.#standstill === null)
        this.#enterStandstill({ reason: reasonOf(error), since: line.event.at })
      throw error
    }
  }

  #enterStandstill(standstill: WriteOutage | null): void {
    this.#standstill = standstill
    for (const listener of this.#standstillListeners) listener(standstill)
  }

  /** With nothing that waits, a line of the journal about it is as good as any to see whether writing works again. */
  #tryAgain(): void {
    this.#retry = null
    if (this.#standstill !== null && this.#waiting.length === 0) {
      this.#waiting.push({
        type: 'command-failed',
        command: 'commit',
        reason: this.#standstill.reason,
      })
    }
    this.#tryToCatchUp()
  }

  #tryToCatchUp(): void {
    try {
      this.#catchUp()
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
    }
  }

  /** What waits comes before anything newer. */
  #catchUp(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        this.#take(next)
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
