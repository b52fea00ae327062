import type { Command } from '../core/command.ts'
import { nextAlarm } from '../core/deadline.ts'
import { type Decision, decide } from '../core/decide.ts'
import type { Event } from '../core/event.ts'
import type { State } from '../core/state.ts'
import { type Redact, redactAll } from '../lib/redact.ts'
import { reasonOf } from '../lib/reason.ts'
import { Unavailable } from '../lib/unavailable.ts'
import type { Clock } from '../ports/clock.ts'
import type { JournalEntry, Store } from '../ports/store.ts'

export interface Change {
  readonly before: State
  readonly after: State
  readonly entry: JournalEntry
}

const insistMs = 1_000

type CarryOut = (commands: readonly Command[]) => void
type Listener = (change: Change) => void

/** A fact without its time: the dispatcher puts it on the clock. */
export type Fact = Event extends infer Each ? (Each extends unknown ? Omit<Each, 'at'> : never) : never

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
  #state: State
  #stored: State | null
  #alarm: Disposable | null = null
  #trouble: string | null = null
  #isClosed = false

  /** Begins with `initial` where the store holds nothing. `carryOut` must not throw; it is called after the commit. */
  constructor(store: Store, clock: Clock, initial: State, carryOut: CarryOut, redact: Redact = (text) => text) {
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

  dispatch(fact: Fact): Decision {
    if (this.#isClosed) throw new Error(`the server is stopping: ${fact.type} was not taken`)
    // A fact is an event but for its time; what instances say in it must not carry a secret into the journal or the status.
    const event = { at: this.#clock.now(), ...redactAll(fact, this.#redact) } as Event
    const before = this.#state
    const decision = decide(before, event)
    const { commands, ignored, state: after } = decision
    const entry = this.#store.commit(this.#stored, after, { event, commands, ignored })
    this.#state = after
    this.#stored = after
    this.#setAlarm()
    // First what the decision asks for: whoever only listens must not be able to keep it from being done.
    if (commands.length > 0) this.#carryOut(commands)
    for (const listener of this.#listeners) listener({ before, after, entry })
    return decision
  }

  /** For whoever cannot come again with the fact: while nothing can be written, it is tried again and again. */
  insist(fact: Fact): void {
    if (this.#isClosed) return
    try {
      this.dispatch(fact)
      this.#trouble = null
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      this.#trouble = reasonOf(error)
      this.#clock.alarm(this.#clock.now() + insistMs, () => this.insist(fact))
    }
  }

  /** What keeps facts from being taken, null when nothing does. */
  get trouble(): string | null {
    return this.#trouble
  }

  /** Tells the listener of every event after its commit, in order. */
  subscribe(listener: Listener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true
    this.#alarm?.[Symbol.dispose]()
    this.#listeners.clear()
  }

  #setAlarm(): void {
    this.#alarm?.[Symbol.dispose]()
    const due = nextAlarm(this.#state)
    this.#alarm = due === null ? null : this.#clock.alarm(due, () => this.insist({ type: 'clock-ticked' }))
  }
}
