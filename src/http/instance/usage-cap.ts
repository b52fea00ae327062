import { type Budget, tokensOf, type Usage } from '../../core/model/ledger.ts'

interface Amount {
  readonly requests: number
  readonly tokens: number
  readonly costMicros: number
}

/** What one instance may report for a minute: a dozen subagents at full speed use less. */
export const mostPerMinute: Amount = { requests: 600, tokens: 20_000_000, costMicros: 10_000_000 }

/**
 * At most this part of the run's budget in a minute: otherwise one export could use up a small one.
 */
export const shareOfBudget = 1 / 20

const parts = ['requests', 'tokens', 'costMicros'] as const

/**
 * Limits the usage that one instance reports. Its reports may be forged, and their sum ends the
 * run's budget. The allowance of a minute comes back evenly, so that pauses are no loss.
 */
export class UsageCap {
  readonly #left: Record<keyof Amount, number>
  #filledAt: number

  /** `now`: milliseconds of a monotonic clock. */
  constructor({ perRun }: Budget, now: number) {
    this.#left = { ...allowanceOf(perRun) }
    this.#filledAt = now
  }

  /** The part of this request that counts; null when nothing does. */
  admit(usage: Usage, { perRun }: Budget, now: number): Usage | null {
    const most = allowanceOf(perRun)
    const share = (now - this.#filledAt) / 60_000
    this.#filledAt = now
    for (const part of parts)
      this.#left[part] = Math.min(most[part], this.#left[part] + most[part] * share)
    const used = { requests: 1, tokens: tokensOf({ ...usage, requests: 1 }), ...usage }
    if (this.#left.requests < 1) return null
    const counted = Math.min(
      1,
      ...parts.map((part) => (used[part] === 0 ? 1 : this.#left[part] / used[part])),
    )
    for (const part of parts) this.#left[part] -= part === 'requests' ? 1 : used[part] * counted
    return counted === 1 ? usage : scaled(usage, counted)
  }
}

const allowanceOf = (perRun: Budget['perRun']): Amount => ({
  requests: mostPerMinute.requests,
  tokens: Math.min(mostPerMinute.tokens, (perRun?.tokens ?? Infinity) * shareOfBudget),
  costMicros: Math.min(mostPerMinute.costMicros, (perRun?.costMicros ?? Infinity) * shareOfBudget),
})

const scaled = (usage: Usage, share: number): Usage => ({
  model: usage.model,
  inputTokens: Math.floor(usage.inputTokens * share),
  outputTokens: Math.floor(usage.outputTokens * share),
  cacheReadTokens: Math.floor(usage.cacheReadTokens * share),
  cacheCreationTokens: Math.floor(usage.cacheCreationTokens * share),
  costMicros: Math.floor(usage.costMicros * share),
})
