import type { InstanceId, Instant } from './ids.ts'

/** What instances without a network reach besides the server, as far as people decide it. */
export interface Hosts {
  /** Entries that a person allowed while the run went on; those of the settings come on top. */
  readonly allowed: readonly string[]
  /** Each host once, the oldest first; at most `mostRefused` of an instance. */
  readonly refused: readonly RefusedHost[]
  /** Each pair of instance and host once; at most `mostUploads` of an instance are not accepted. */
  readonly uploads: readonly LargeUpload[]
}

export interface RefusedHost {
  /** The entry that would allow it: `example.com`, or `host:port`. */
  readonly host: string
  /** The instance that asked for it first. */
  readonly by: InstanceId
  readonly at: Instant
}

/** More than a worker's work explains: a person looks at it. */
export interface LargeUpload {
  /** `other hosts` and `many hosts together` stand for those that are not counted apart. */
  readonly host: string
  readonly by: InstanceId
  /** When it was noticed. */
  readonly bytes: number
  readonly at: Instant
  /** A person knows why, and is not asked again. */
  readonly isAccepted: boolean
}

/** Of one instance, which may ask for any number of names: the others' stay in sight. */
export const mostRefused = 20

/** Of one instance. */
export const mostUploads = 20

/** Whether an entry that a person allowed means this host, at any port and network. */
export function meansHost(entry: string, host: string): boolean {
  const [authority = ''] = entry.split(' ')
  const name = authority.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name
}

/** Whether an entry allows what the other one would: the same, or a name below its pattern. */
export const isCoveredBy = (entry: string, pattern: string): boolean =>
  entry === pattern || (pattern.startsWith('*.') && entry.endsWith(pattern.slice(1)))

export const noHosts: Hosts = { allowed: [], refused: [], uploads: [] }
