import type { Instant } from '../../core/model/ids.ts'
import type { ModelError } from '../../core/model/model-error.ts'

/**
 * Reads the model error of a StopFailure hook, from its kind and then from its message. Claude Code
 * itself writes the message, never the model or a repository: it is in this hook only, and only
 * when an answer failed. Measured with 2.1.328. `exact` is the reset to the second, from another
 * source.
 */
export function readModelError(
  kind: string,
  message: string,
  now: Instant,
  exact: Instant | null = null,
): ModelError {
  switch (kind) {
    case 'rate_limit':
      return readLimit(message, now, exact)
    case 'overloaded':
      return { kind: 'overloaded' }
    case 'server_error':
      return {
        kind: /unable to connect|can't reach|connection|timed? ?out/i.test(message)
          ? 'unreachable'
          : 'overloaded',
      }
    case 'authentication_failed':
    case 'oauth_org_not_allowed':
      return { kind: 'rejected' }
    case 'billing_error':
      return { kind: 'spent' }
    default:
      return { kind: 'other' }
  }
}

function readLimit(message: string, now: Instant, exact: Instant | null): ModelError {
  const until = readReset(message, now, exact)
  if (message.includes('not your usage limit')) return { kind: 'throttled' }
  if (message.startsWith("You're out of usage credits")) return { kind: 'spent' }
  const window = /^You've hit your (\S+)( model)? limit/.exec(message)?.[1]
  if (window === '5-hour' || window === 'session')
    return { kind: 'quota', window: 'five-hour', until }
  if (window === 'weekly') return { kind: 'quota', window: 'weekly', until }
  if (window !== undefined) return { kind: 'model-quota', until }
  // With an API key every 429 reads "Request rejected", without a window or its reset.
  return { kind: 'quota', window: 'unknown', until }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const minute = 60_000
const day = 24 * 60 * minute

/** Allowance for the difference between the provider's clock and ours. */
const skewMs = 1_000

/**
 * Reads `resets 9:16am (UTC)` or `resets Nov 23, 7:06am (UTC)`, which is cut to the minute: the
 * result is the end of that minute. `exact` is used instead if it lies within the announced minute
 * and in the future. Null when the message announces no reset.
 */
export function readReset(
  message: string,
  now: Instant,
  exact: Instant | null = null,
): Instant | null {
  const end = endOfAnnouncedMinute(message, now)
  if (end === null || exact === null) return end
  const isWithin = exact >= end - minute && exact <= end
  return isWithin && exact > now ? Math.min(exact + skewMs, end) : end
}

function endOfAnnouncedMinute(message: string, now: Instant): Instant | null {
  const found = /resets (?:([A-Z][a-z]{2}) (\d{1,2}), )?(\d{1,2})(?::(\d{2}))?(am|pm) \(UTC\)/.exec(
    message,
  )
  if (!found) return null
  const [, month, date, hour = '', minutes = '0', half] = found
  const today = new Date(now)
  const time = ((Number(hour) % 12) + (half === 'pm' ? 12 : 0)) * 60 + Number(minutes)
  const midnight = (year: number, monthIndex: number, dayOfMonth: number) =>
    Date.UTC(year, monthIndex, dayOfMonth) + (time + 1) * minute
  if (month === undefined) {
    const until = midnight(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate())
    return until > now ? until : until + day
  }
  const monthIndex = months.indexOf(month)
  if (monthIndex < 0) return null
  const until = midnight(today.getUTCFullYear(), monthIndex, Number(date))
  // In December, a day in January is one of next year.
  return until > now - day ? until : midnight(today.getUTCFullYear() + 1, monthIndex, Number(date))
}
