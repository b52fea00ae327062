import type { InstanceId } from '../core/model/ids.ts'
import type { Target } from './target.ts'

/** `idle`: closed for want of traffic. `stopped`: by the server, as the policy or launch ended. */
export type TunnelEnd = 'closed' | 'broken' | 'idle' | 'stopped' | 'unreachable'

/** One tunnel, or the plain requests to one host that came on one connection. */
export interface TunnelRecord {
  readonly instance: InstanceId
  readonly host: string
  readonly port: number
  readonly kind: 'tunnel' | 'plain'
  readonly sentBytes: number
  readonly receivedBytes: number
  readonly durationMs: number
  readonly end: TunnelEnd
  /** Why the host was not reached. */
  readonly cause: string | null
}

export interface LargeUpload {
  readonly instance: InstanceId
  /** `other hosts` when an instance reached more than are counted apart. */
  readonly host: string
  readonly bytes: number
}

/** An error within the proxy, which ended a connection of the instance. */
export interface ProxyError {
  readonly instance: InstanceId
  readonly error: unknown
  /** Errors since the last report that came too fast to be reported. */
  readonly unreported: number
}

/** The traffic of one record while it lasts. */
export class Tally {
  readonly #target: Target
  readonly #kind: TunnelRecord['kind']
  readonly #startedAt = performance.now()
  sentBytes = 0
  receivedBytes = 0
  end: TunnelEnd = 'closed'

  constructor(target: Target, kind: TunnelRecord['kind']) {
    this.#target = target
    this.#kind = kind
  }

  record(instance: InstanceId, cause: string | null): TunnelRecord {
    const { host, port } = this.#target
    return {
      instance,
      host,
      port,
      kind: this.#kind,
      sentBytes: this.sentBytes,
      receivedBytes: this.receivedBytes,
      durationMs: Math.round(performance.now() - this.#startedAt),
      end: this.end,
      cause,
    }
  }
}
