import { z } from 'zod'
import type { Instant } from '../../core/model/ids.ts'
import type { UsageWindow } from '../../core/model/model-error.ts'

export interface SeenWindow {
  readonly window: Exclude<UsageWindow, 'unknown'>
  readonly usedPercent: number
  readonly resetsAt: Instant | null
}

/** Seconds since the epoch, up to the year 9999. */
const seconds = z.number().positive().max(253_402_300_799)
const limit = z
  .looseObject({ used_percentage: z.number().min(0), resets_at: seconds.nullish().catch(null) })
  .nullish()
  .catch(null)
const statusLine = z.looseObject({
  rate_limits: z.looseObject({ five_hour: limit, seven_day: limit }).nullish().catch(null),
})

/**
 * The usage windows in the status line of Claude Code. They are those of its last answer, so after
 * a rotation still those of the credential before. Empty for API keys, which have no windows.
 */
export function readStatusLine(body: unknown): { readonly windows: readonly SeenWindow[] } {
  const limits = statusLine.safeParse(body).data?.rate_limits
  return {
    windows: [...seen('five-hour', limits?.five_hour), ...seen('weekly', limits?.seven_day)],
  }
}

function seen(window: SeenWindow['window'], found: z.output<typeof limit>): readonly SeenWindow[] {
  if (!found) return []
  const { used_percentage: used, resets_at: resets } = found
  return [{ window, usedPercent: Math.min(used, 100), resetsAt: resets ? resets * 1_000 : null }]
}
