import type { InstanceId, Instant } from './ids.ts'

/** What instances without a network reach besides the server, as far as people decide it. */
export interface Hosts {
  /** Entries that a person allowed while the run went on; those of the settings come on top. */
  readonly allowed: readonly string[]
  /** Each host once, the oldest first; at most `mostRefused` of an instance. */
  readonly refused: readonly RefusedHost[]
}

export interface RefusedHost {
  /** The entry that would allow it: `example.com`, or `host:port`. */
  readonly host: string
  /** The instance that asked for it first. */
  readonly by: InstanceId
  readonly at: Instant
}

/** Of one instance, which may ask for any number of names: the others' stay in sight. */
export const mostRefused = 20

export const noHosts: Hosts = { allowed: [], refused: [] }
