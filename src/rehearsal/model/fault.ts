/**
 * What the stand-in may do instead of answering; each is recognised by the client from the same
 * signals as the real one.
 */
export type Fault =
  | { readonly type: 'limit'; readonly window: LimitWindow; readonly resetsAt: number }
  | {
      readonly type:
        | 'throttled'
        | 'overloaded'
        | 'internal'
        | 'unauthorized'
        | 'forbidden'
        | 'revoked'
        | 'spent'
    }
  /** Takes the request and never answers; drops the connection after so long, if it is given. */
  | { readonly type: 'hang'; readonly ms?: number }
  /** Begins an answer and drops the connection in the middle of it. */
  | { readonly type: 'cut' }

export type LimitWindow = 'five_hour' | 'seven_day' | 'seven_day_opus' | 'overage'

export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: {
    readonly type: 'error'
    readonly error: { readonly type: string; readonly message: string }
  }
}

/** `resetsAt` and `now` in milliseconds since the epoch; the headers speak in seconds. */
export function refusalFor(fault: Exclude<Fault, { type: 'hang' | 'cut' }>, now: number): Refusal {
  switch (fault.type) {
    case 'limit':
      return refusal(
        429,
        'rate_limit_error',
        "This request would exceed your account's rate limit.",
        limitHeaders(fault, now),
      )
    case 'throttled':
      return refusal(
        429,
        'rate_limit_error',
        'Number of concurrent connections has exceeded your rate limit.',
      )
    case 'overloaded':
      return refusal(529, 'overloaded_error', 'Overloaded')
    case 'internal':
      return refusal(500, 'api_error', 'Internal server error')
    case 'unauthorized':
      return refusal(401, 'authentication_error', 'Invalid bearer token')
    case 'forbidden':
      return refusal(
        403,
        'permission_error',
        'Your credential does not have permission to use this resource.',
      )
    case 'revoked':
      return refusal(
        403,
        'permission_error',
        'OAuth token has been revoked. Please obtain a new token.',
      )
    case 'spent':
      return refusal(400, 'invalid_request_error', spent)
  }
}

const spent =
  'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.'

function refusal(
  status: number,
  type: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal {
  return { status, headers, body: { type: 'error', error: { type, message } } }
}

function limitHeaders(
  { window, resetsAt }: Extract<Fault, { type: 'limit' }>,
  now: number,
): Readonly<Record<string, string>> {
  const reset = String(Math.ceil(resetsAt / 1_000))
  const unified = 'anthropic-ratelimit-unified'
  return {
    'retry-after': String(Math.max(1, Math.ceil((resetsAt - now) / 1_000))),
    [`${unified}-status`]: 'rejected',
    [`${unified}-reset`]: reset,
    [`${unified}-representative-claim`]: window,
    [`${unified}-fallback`]: 'unavailable',
    [`${unified}-5h-status`]: window === 'five_hour' ? 'rejected' : 'allowed',
    [`${unified}-5h-reset`]: reset,
    [`${unified}-5h-utilization`]: window === 'five_hour' ? '1.0' : '0.4',
    [`${unified}-7d-status`]: window.startsWith('seven_day') ? 'rejected' : 'allowed',
    [`${unified}-7d-reset`]: reset,
    [`${unified}-7d-utilization`]: window.startsWith('seven_day') ? '1.0' : '0.4',
    ...(window === 'overage'
      ? {
          [`${unified}-overage-status`]: 'rejected',
          [`${unified}-overage-disabled-reason`]: 'out_of_credits',
        }
      : {}),
  }
}
