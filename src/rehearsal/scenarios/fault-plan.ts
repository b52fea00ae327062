import { readConversation } from '../players/conversation.ts'
import type { Fault } from '../model/fault.ts'
import type { Asking } from '../model/server.ts'

/** What befalls credentials, and when. */
export interface FaultPlan {
  readonly fault:
    | { readonly type: 'limit'; readonly window: 'five_hour' | 'seven_day' }
    | Exclude<Fault, { type: 'limit' }>
  /** The credential that is in use at that moment, or every one. */
  readonly strikes: 'one' | 'all'
  /** The first request in this role whose turn already holds so many results. */
  readonly when: { readonly role: string; readonly steps: number }
  /** Requests that are answered before the first refusal, with a window that fills up. */
  readonly warnings?: number
  /**
   * From the first refusal on; without it and `times` for good. For a limit it is the time to the
   * reset.
   */
  readonly lastsMs?: number
  /** Requests that are refused at most. */
  readonly times?: number
}

export interface FaultInjector {
  readonly faultFor: (credential: string, count: number, asking: Asking) => Fault | null
  /** The share of its five-hour window that a credential has used so far. */
  readonly usedBy: (credential: string) => number
  /** What was struck, and from when to when it was refused; null while nothing was. */
  readonly outage: () => Outage | null
}

export interface Outage {
  /** Null stands for every credential. */
  readonly credential: string | null
  readonly from: number
  readonly until: number
}

const usualShare = 0.2
const fullestShare = 0.95

export function createFaultInjector(
  { fault, strikes, when, warnings = 0, lastsMs, times }: FaultPlan,
  now: () => number,
): FaultInjector {
  let struck: string | null = null
  let warned = 0
  let refused = 0
  let from: number | null = null
  const until = () => (from ?? 0) + (lastsMs ?? Number.POSITIVE_INFINITY)

  const concerns = (credential: string) =>
    struck !== null && (strikes === 'all' || credential === struck)
  return {
    faultFor: (credential, _, { role, request }) => {
      if (role === when.role && readConversation(request).exchanges.length >= when.steps)
        struck ??= credential
      if (!concerns(credential)) return null
      if (warned < warnings) {
        warned += 1
        return null
      }
      from ??= now()
      if (now() >= until() || refused >= (times ?? Number.POSITIVE_INFINITY)) return null
      refused += 1
      return fault.type === 'limit' ? { ...fault, resetsAt: until() } : fault
    },
    usedBy: (credential) =>
      concerns(credential) && warnings > 0
        ? Math.min(fullestShare, 0.8 + 0.03 * warned)
        : usualShare,
    outage: () =>
      from === null
        ? null
        : { credential: strikes === 'all' ? null : struck, from, until: until() },
  }
}
