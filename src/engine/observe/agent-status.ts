import type { Observation } from '../../core/rules/drift.ts'
import type { InstanceId, Instant } from '../../core/model/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { AgentStatus } from '../../ports/instances.ts'
import type { Change } from '../dispatch/dispatcher.ts'

/** What the hooks and the status file of an instance have reported so far. */
export interface AgentSignals {
  readonly status: AgentStatus | null
  /** The number of SessionStart hooks after a `/clear`. */
  readonly clears: number
  /** How many times it has read changed settings. */
  readonly settingsRead: number
}

export interface AgentStatusSource {
  signalsOf(instance: InstanceId): AgentSignals
  /**
   * Resolves as soon as the instance's signals meet the condition, at once if they do already.
   * Rejects when `abort` is aborted first.
   */
  until(
    instance: InstanceId,
    condition: (signals: AgentSignals) => boolean,
    abort: AbortSignal,
  ): Promise<void>
}

interface TimedSignals extends AgentSignals {
  /** When the status last changed. */
  readonly since: Instant
}

interface Waiter {
  readonly instance: InstanceId
  /** Resolves the wait if its condition is met. */
  readonly check: () => void
}

/**
 * The latest signals of every instance, and the waits for them. It is kept in memory only: after a
 * restart the runtime reports every status again.
 */
export class AgentStatusTracker implements AgentStatusSource {
  readonly #clock: Clock
  readonly #signals = new Map<InstanceId, TimedSignals>()
  readonly #waiters = new Set<Waiter>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  setStatus(instance: InstanceId, status: AgentStatus | null): void {
    const signals = this.#timedSignalsOf(instance)
    if (signals.status !== status)
      this.#update(instance, { ...signals, status, since: this.#clock.now() })
  }

  onChange({ entry: { event, ignored } }: Change): void {
    if (event.type === 'settings-read') {
      // It counts even if the core ignores the event: the settings have been read.
      const signals = this.#timedSignalsOf(event.instance)
      this.#update(event.instance, { ...signals, settingsRead: signals.settingsRead + 1 })
    }
    if (event.type === 'session-started' && event.source === 'clear' && ignored === null) {
      const signals = this.#timedSignalsOf(event.instance)
      this.#update(event.instance, { ...signals, clears: signals.clears + 1 })
    }
  }

  signalsOf(instance: InstanceId): AgentSignals {
    return this.#timedSignalsOf(instance)
  }

  until(
    instance: InstanceId,
    condition: (signals: AgentSignals) => boolean,
    abort: AbortSignal,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const isMet = (): boolean => condition(this.#timedSignalsOf(instance))
      if (isMet()) return resolve()
      const waiter: Waiter = {
        instance,
        check: () => {
          if (!isMet()) return
          this.#waiters.delete(waiter)
          resolve()
        },
      }
      this.#waiters.add(waiter)
      abort.addEventListener('abort', () => {
        this.#waiters.delete(waiter)
        reject(new Error(`${instance} did not send the expected signal in time`))
      })
    })
  }

  statuses(): Observation['statuses'] {
    const observed = (status: AgentStatus | null) =>
      status === 'idle' || status === 'waiting' ? status : 'other'
    return new Map(
      [...this.#signals].map(([id, { status, since }]) => [
        id,
        { status: observed(status), since },
      ]),
    )
  }

  #timedSignalsOf(instance: InstanceId): TimedSignals {
    const none = { status: null, clears: 0, settingsRead: 0 }
    return this.#signals.get(instance) ?? { ...none, since: this.#clock.now() }
  }

  #update(instance: InstanceId, signals: TimedSignals): void {
    this.#signals.set(instance, signals)
    for (const waiter of this.#waiters) if (waiter.instance === instance) waiter.check()
  }
}
