import type { TurnLimits } from '../lib/turns.ts'

export interface RegistryLimits extends TurnLimits {
  /** Until the registry's headers are there. */
  readonly headersMs: number
  /** Without a byte from the registry. */
  readonly idleMs: number
  /** Of metadata, unpacked. */
  readonly metadataBytes: number
  readonly tarballBytes: number
}

const mebibyte = 1_048_576

export const registryLimits: RegistryLimits = {
  // npm asks for 15 things at a time, pnpm for 64.
  open: 32,
  waiting: 128,
  pace: { burst: 2_000, perSecond: 100 },
  turnMs: 60_000,
  headersMs: 30_000,
  idleMs: 60_000,
  metadataBytes: 256 * mebibyte,
  tarballBytes: 1_024 * mebibyte,
}
