import type { Struck } from './injector.ts'

export interface Repair {
  readonly kind: string
  readonly count: number
  /** From the fault to everything being as it was. */
  readonly p50Ms: number
  readonly p95Ms: number
  /** From the moment at which the fault itself was over. */
  readonly afterHealP50Ms: number
  readonly afterHealP95Ms: number
}

export function repairsOf(struck: readonly Struck[]): readonly Repair[] {
  const kinds = Map.groupBy(struck, ({ fault }) => fault.kind)
  return [...kinds]
    .map(([kind, list]) => {
      const repaired = list.flatMap(({ injectedAt, healedAt, wholeAt }) =>
        wholeAt === null || healedAt === null
          ? []
          : [{ all: wholeAt - injectedAt, after: wholeAt - healedAt }],
      )
      const [all, after] = [repaired.map((one) => one.all), repaired.map((one) => one.after)]
      return {
        kind,
        count: repaired.length,
        p50Ms: percentile(all, 0.5),
        p95Ms: percentile(all, 0.95),
        afterHealP50Ms: percentile(after, 0.5),
        afterHealP95Ms: percentile(after, 0.95),
      }
    })
    .toSorted((a, b) => a.kind.localeCompare(b.kind))
}

/** The nearest rank; 0 of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}
