import type { IncomingHttpHeaders } from 'node:http'
import type { Instant } from '../core/model/ids.ts'
import type { UsageWindow } from '../core/model/model-error.ts'

export interface WindowReading {
  readonly window: UsageWindow
  readonly usedPercent: number
  readonly resetsAt: Instant | null
}

/** A credential's usage windows as the provider reports them, for subscriptions only. */
export interface UnifiedLimits {
  readonly isRejected: boolean
  /** The window that caused the status: `five_hour`, `seven_day_opus`, `overage` … */
  readonly claim: string | null
  readonly resetsAt: Instant | null
  readonly windows: readonly (WindowReading & { readonly isRejected: boolean })[]
}

const prefix = 'anthropic-ratelimit-unified'
const windowNames = [
  ['5h', 'five-hour'],
  ['7d', 'weekly'],
] as const

export function readUnifiedLimits(headers: IncomingHttpHeaders): UnifiedLimits {
  const header = (name: string): string | null => textOf(headers[`${prefix}-${name}`])
  return {
    isRejected: header('status') === 'rejected',
    claim: header('representative-claim'),
    resetsAt: instantOf(header('reset')),
    windows: windowNames.flatMap(([short, window]) => {
      const used = numberOf(header(`${short}-utilization`))
      const isRejected = header(`${short}-status`) === 'rejected'
      if (used === null && !isRejected) return []
      return [
        {
          window,
          isRejected,
          usedPercent: toPercent(used ?? 1),
          resetsAt: instantOf(header(`${short}-reset`)),
        },
      ]
    }),
  }
}

const textOf = (value: string | string[] | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null

function numberOf(text: string | null): number | null {
  const number = text === null ? Number.NaN : Number(text)
  return Number.isFinite(number) && number >= 0 ? number : null
}

/** The headers are in seconds. */
function instantOf(text: string | null): Instant | null {
  const seconds = numberOf(text)
  return seconds === null ? null : Math.round(seconds * 1_000)
}

const toPercent = (share: number): number => Math.round(share * 1_000) / 10
