import type { Observation } from '../../core/rules/drift.ts'
import type { InstanceId, Instant } from '../../core/model/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { AgentStatus } from '../../ports/instances.ts'

export interface AgentStatusSource {
  /** Null while the instance's status is unknown. */
  statusOf(instance: InstanceId): AgentStatus | null
  /**
   * Resolves as soon as the instance's status meets the condition, at once if it does already.
   * Rejects when `abort` is aborted first.
   */
  until(
    instance: InstanceId,
    condition: (status: AgentStatus | null) => boolean,
    abort: AbortSignal,
  ): Promise<void>
}

interface TimedStatus {
  readonly status: AgentStatus | null
  /** When the status last changed. */
  readonly since: Instant
}

interface Waiter {
  readonly instance: InstanceId
  /** Resolves the wait if its condition is met. */
  readonly check: () => void
}

/**
 * The status file of every instance, and the short waits for it within one effect. It is kept in
 * memory only: after a restart the runtime reports every status again.
 */
export class AgentStatusTracker implements AgentStatusSource {
  readonly #clock: Clock
  readonly #statuses = new Map<InstanceId, TimedStatus>()
  readonly #waiters = new Set<Waiter>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  setStatus(instance: InstanceId, status: AgentStatus | null): void {
    if (this.statusOf(instance) === status) return
    this.#statuses.set(instance, { status, since: this.#clock.now() })
    for (const waiter of this.#waiters) if (waiter.instance === instance) waiter.check()
  }

  statusOf(instance: InstanceId): AgentStatus | null {
    return this.#statuses.get(instance)?.status ?? null
  }

  until(
    instance: InstanceId,
    condition: (status: AgentStatus | null) => boolean,
    abort: AbortSignal,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const isMet = (): boolean => condition(this.statusOf(instance))
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
        reject(new Error(`${instance} did not reach the expected status in time`))
      })
    })
  }

  statuses(): Observation['statuses'] {
    const observed = (status: AgentStatus | null) =>
      status === 'idle' || status === 'waiting' ? status : 'other'
    return new Map(
      [...this.#statuses].map(([id, { status, since }]) => [
        id,
        { status: observed(status), since },
      ]),
    )
  }
}
