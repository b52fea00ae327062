import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import type { Instant } from '../core/model/ids.ts'
import type { ModelError } from '../core/model/model-error.ts'
import { readUnifiedLimits } from './windows.ts'
import { parseJson } from '../lib/parse-json.ts'

/** An answer with an error status, completely read. */
export interface Refusal {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Claude Code itself gives up at a 429 with a longer wait, so such a one is not a throttle. */
const longestThrottleMs = 60_000

/** Why a request was refused. `other`: another credential would not help. */
export function modelErrorOf({ status, headers, body }: Refusal, now: Instant): ModelError {
  if (status === 402 || (status < 500 && isAboutMoney(body))) return { kind: 'spent' }
  if (status === 429) return limitOf(headers, now)
  if (status === 401 || status === 403)
    return isPage(headers) ? { kind: 'unreachable' } : { kind: 'rejected' }
  return status >= 500 ? { kind: 'overloaded' } : { kind: 'other' }
}

function limitOf(headers: IncomingHttpHeaders, now: Instant): ModelError {
  const { isRejected, claim, resetsAt, windows } = readUnifiedLimits(headers)
  const waitMs = retryAfterMs(headers, now)
  const waited = waitMs === null ? null : now + waitMs
  const used = windows.find((window) => window.isRejected)
  if (isRejected && claim !== null) {
    const until = resetsAt ?? waited
    if (claim === 'overage') return { kind: 'spent' }
    if (claim === 'five_hour' || claim === 'seven_day') {
      const window = claim === 'five_hour' ? 'five-hour' : 'weekly'
      return {
        kind: 'quota',
        window,
        until: windows.find((each) => each.window === window)?.resetsAt ?? until,
      }
    }
    return claim.startsWith('seven_day_')
      ? { kind: 'model-quota', until }
      : { kind: 'quota', window: 'unknown', until }
  }
  if (used !== undefined)
    return { kind: 'quota', window: used.window, until: used.resetsAt ?? resetsAt ?? waited }
  if (waitMs !== null && waitMs > longestThrottleMs)
    return { kind: 'quota', window: 'unknown', until: waited }
  return { kind: 'throttled' }
}

function retryAfterMs(headers: IncomingHttpHeaders, now: Instant): number | null {
  const text = headers['retry-after']
  if (text === undefined) return null
  const delayMs = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now
  return Number.isFinite(delayMs) ? delayMs : null
}

const errorShape = z.object({
  error: z.object({
    type: z.string().catch(''),
    message: z.string().catch(''),
    details: z.object({ error_code: z.string() }).optional().catch(undefined),
  }),
})

/** Besides status 402, money is the reason of a 400 with these words or of a 429 with this code. */
function isAboutMoney(body: Buffer): boolean {
  const { success, data } = errorShape.safeParse(parseJson(body.toString()))
  if (!success) return false
  const { type, message, details } = data.error
  return (
    type === 'billing_error' ||
    details?.error_code === 'enforced_spend_limit_reached' ||
    /credit balance is too low|reached your specified (?:\w+ )?API usage limits/i.test(message)
  )
}

/** A proxy or firewall sent an HTML page; the API, and so the credential, was not involved. */
const isPage = (headers: IncomingHttpHeaders): boolean =>
  headers['content-type']?.startsWith('text/html') === true
