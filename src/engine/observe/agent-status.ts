import type { Observation } from '../../core/rules/drift.ts'
import type { InstanceId, Instant } from '../../core/model/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { AgentStatus } from '../../ports/instances.ts'
import type { Change } from '../dispatch/dispatcher.ts'

/** What the hooks and the status of an instance's launch have said so far. */
export interface AgentSignals {
  readonly status: AgentStatus | null
  /** SessionStart hooks after a `/clear`, counted. */
  readonly clears: number
  /** Times it has read its settings anew, counted. */
  readonly settingsRead: number
}

export interface AgentStatusSource {
  signalsOf(instance: InstanceId): AgentSignals
  /** Resolves as soon as `holds` is true of the instance, at once if it is; rejects when `signal` is aborted first. */
  until(
    instance: InstanceId,
    holds: (heard: AgentSignals) => boolean,
    signal: AbortSignal,
  ): Promise<void>
}

interface Seen extends AgentSignals {
  readonly since: Instant
}

interface Waiting {
  readonly instance: InstanceId
  readonly look: () => void
}

/**
 * What Claude Code was last seen to say of itself, per instance, and who waits for it to say something else. It is only of
 * the moment: after a restart the runtime tells it anew.
 */
export class AgentStatusTracker implements AgentStatusSource {
  readonly #clock: Clock
  readonly #seen = new Map<InstanceId, Seen>()
  readonly #waiting = new Set<Waiting>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  noteStatus(instance: InstanceId, status: AgentStatus | null): void {
    const seen = this.#seenOf(instance)
    if (seen.status !== status) this.#see(instance, { ...seen, status, since: this.#clock.now() })
  }

  noteChange({ entry: { event, ignored } }: Change): void {
    if (event.type === 'settings-read') {
      // Heard is heard, whatever it meant for the core.
      const seen = this.#seenOf(event.instance)
      this.#see(event.instance, { ...seen, settingsRead: seen.settingsRead + 1 })
    }
    if (event.type === 'session-started' && event.source === 'clear' && ignored === null) {
      const seen = this.#seenOf(event.instance)
      this.#see(event.instance, { ...seen, clears: seen.clears + 1 })
    }
  }

  signalsOf(instance: InstanceId): AgentSignals {
    return this.#seenOf(instance)
  }

  until(
    instance: InstanceId,
    holds: (heard: AgentSignals) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      if (holds(this.#seenOf(instance))) return resolve()
      const waiting: Waiting = {
        instance,
        look: () => {
          if (!holds(this.#seenOf(instance))) return
          this.#waiting.delete(waiting)
          resolve()
        },
      }
      this.#waiting.add(waiting)
      signal.addEventListener('abort', () => {
        this.#waiting.delete(waiting)
        reject(new Error(`${instance} did not say in time what was waited for`))
      })
    })
  }

  statuses(): Observation['statuses'] {
    const wanted = (status: AgentStatus | null) =>
      status === 'idle' || status === 'waiting' ? status : 'other'
    return new Map(
      [...this.#seen].map(([id, { status, since }]) => [id, { status: wanted(status), since }]),
    )
  }

  #seenOf(instance: InstanceId): Seen {
    return (
      this.#seen.get(instance) ?? {
        status: null,
        clears: 0,
        settingsRead: 0,
        since: this.#clock.now(),
      }
    )
  }

  #see(instance: InstanceId, seen: Seen): void {
    this.#seen.set(instance, seen)
    for (const waiting of this.#waiting) if (waiting.instance === instance) waiting.look()
  }
}
