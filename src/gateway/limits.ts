import type { Pace } from '../lib/token-bucket.ts'

export interface GatewayLimits {
  /** The API's own limit for one request. */
  readonly bodyBytes: number
  /** Request bodies held until their answer begins: four of the largest ones. */
  readonly heldBytesPerInstance: number
  /**
   * Bytes of bodies that are read for one instance: a megabyte takes the server 7 ms. Larger ones
   * wait, since Claude Code takes a refusal for one of the model.
   */
  readonly volume: Pace
  /** Requests open at a time; an agent with a dozen subagents has a dozen. */
  readonly openPerInstance: number
  /** Credentials tried for one request, including the first. */
  readonly credentialsPerRequest: number
  readonly connectTimeoutMs: number
  /** From the connection to the answer's headers; Claude Code's own limit is the same. */
  readonly headersTimeoutMs: number
  /** From the headers of a refusal to the end of its body. */
  readonly refusalTimeoutMs: number
}

export const gatewayLimits: GatewayLimits = {
  bodyBytes: 32 * 1024 * 1024,
  heldBytesPerInstance: 128 * 1024 * 1024,
  volume: { burst: 64 * 1024 * 1024, perSecond: 8 * 1024 * 1024 },
  openPerInstance: 64,
  credentialsPerRequest: 4,
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 600_000,
  refusalTimeoutMs: 10_000,
}
