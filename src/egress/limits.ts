import type { Pace } from '../lib/token-bucket.ts'

export interface EgressLimits {
  /** Tunnels and requests at the same time, of one instance. */
  readonly open: number
  /** Of one instance, for a turn; more are refused at once. */
  readonly waiting: number
  /** Connections of one instance to its listener, also those that ask for nothing. */
  readonly connections: number
  /** How fast an instance may begin tunnels and requests; faster ones wait. */
  readonly pace: Pace
  /** Names of one instance that are looked up at the same time. */
  readonly lookups: number
  /** Of all instances. */
  readonly allLookups: number
  /** How many refusals of an instance are reported; others are counted in the next report. */
  readonly refusalPace: Pace
  /** The same of errors within the proxy. */
  readonly errorPace: Pace
  /** How long a request waits for its turn. */
  readonly turnMs: number
  /** For resolving the name and connecting, together. */
  readonly connectMs: number
  /** For a lookup, which may outlast its request. */
  readonly lookUpMs: number
  /** Of it, until an upstream proxy is asked instead. */
  readonly answerMs: number
  /** For the head of a request, and for each side of a TLS handshake. */
  readonly headMs: number
  /** Without a byte in either direction. */
  readonly idleMs: number
  /** The same in a tunnel that one side has ended. */
  readonly halfOpenMs: number
  /** Sent to one host by one instance: more is reported, once. */
  readonly uploadBytes: number
  /** Sent by one instance to many hosts, to each less than that: more is reported, once. */
  readonly unnoticedBytes: number
  /** How many hosts of an instance are counted apart; all others count as one. */
  readonly countedHosts: number
}

const second = 1_000
const minute = 60 * second
const mebibyte = 1_048_576

export const egressLimits: EgressLimits = {
  open: 32,
  waiting: 128,
  connections: 256,
  pace: { burst: 500, perSecond: 25 },
  lookups: 16,
  allLookups: 64,
  refusalPace: { burst: 100, perSecond: 1 },
  errorPace: { burst: 5, perSecond: 1 / 60 },
  turnMs: 10 * second,
  connectMs: 10 * second,
  // Half of what a request has: one that waits for its turn may still ask the upstream proxy.
  lookUpMs: 5 * second,
  // Longer than a name server needs, and short enough to ask the proxy next.
  answerMs: 2 * second,
  headMs: 10 * second,
  // A model may think for ten minutes before its answer begins.
  idleMs: 15 * minute,
  halfOpenMs: minute,
  uploadBytes: 20 * mebibyte,
  unnoticedBytes: 200 * mebibyte,
  countedHosts: 1_000,
}
