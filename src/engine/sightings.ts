import type { InstanceId, Instant } from '../core/ids.ts'
import type { Clock } from '../ports/clock.ts'
import type { AgentStatus } from '../ports/runtime.ts'

/** What Claude Code was last seen to say of itself, per instance, and since when. It is looked up anew after a restart. */
export class Sightings {
  readonly #clock: Clock
  readonly #seen = new Map<InstanceId, { readonly status: AgentStatus | null; readonly since: Instant }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  noteStatus(instance: InstanceId, status: AgentStatus | null): void {
    if (this.#seen.get(instance)?.status === status) return
    this.#seen.set(instance, { status, since: this.#clock.now() })
  }

  idleSince(): ReadonlyMap<InstanceId, Instant> {
    return new Map([...this.#seen].flatMap(([id, { status, since }]) => (status === 'idle' ? [[id, since] as const] : [])))
  }
}
