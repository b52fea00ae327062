/** From this share of a window on the service warns. */
const warningShare = 0.9

/**
 * What an answer to a subscription says about its windows: `share` of the five-hour one is used,
 * `resetsAt` in ms since the epoch.
 */
export function windowHeaders(share: number, resetsAt: number): Readonly<Record<string, string>> {
  const unified = 'anthropic-ratelimit-unified'
  const reset = String(Math.ceil(resetsAt / 1_000))
  const isNear = share >= warningShare
  return {
    [`${unified}-status`]: isNear ? 'allowed_warning' : 'allowed',
    [`${unified}-reset`]: reset,
    [`${unified}-representative-claim`]: 'five_hour',
    [`${unified}-5h-status`]: isNear ? 'allowed_warning' : 'allowed',
    [`${unified}-5h-reset`]: reset,
    [`${unified}-5h-utilization`]: share.toFixed(2),
    ...(isNear ? { [`${unified}-5h-surpassed-threshold`]: String(warningShare) } : {}),
    [`${unified}-7d-status`]: 'allowed',
    [`${unified}-7d-reset`]: String(Math.ceil((resetsAt + 3 * 24 * 3_600_000) / 1_000)),
    [`${unified}-7d-utilization`]: '0.41',
  }
}
