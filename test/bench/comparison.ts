import { z } from 'zod'
import type { Row } from './row.ts'

const figure = z.number().nullable()

/** A table as it is kept from one run to the next. */
export const keptTable = z.object({
  /** ISO 8601. */
  at: z.string(),
  commit: z.string(),
  isQuick: z.boolean(),
  machine: z.string(),
  rows: z.array(
    z.object({
      path: z.string(),
      product: figure,
      raw: figure,
      ratio: figure,
      // Tables of before have none.
      spread: z.tuple([z.number(), z.number()]).readonly().nullable().default(null),
      goal: z.string().nullable(),
      met: z.boolean().nullable(),
    }),
  ),
})

export type KeptTable = z.infer<typeof keptTable>

/**
 * Between two runs on one quiet machine the ratio of a path moves by up to 15 % (handoffs of one
 * worker, the loudest of them), so less is not worth a word.
 */
const noise = 0.2

/**
 * What changed since the table before, by the ratio, which other load concerns least; by the figure
 * itself where there is nothing to compare it with.
 */
export function changesSince(before: readonly Row[], now: readonly Row[]): readonly string[] {
  const known = new Map(before.map((row) => [row.path, row]))
  return now.flatMap((row) => {
    const old = known.get(row.path)
    if (old === undefined) return []
    const by = old.ratio === null || row.ratio === null ? 'product' : 'ratio'
    const [from, to] = [old[by], row[by]]
    if (from === null || to === null) return []
    const isSame = Math.abs(to - from) <= Math.abs(from) * noise
    const verdict =
      old.met === row.met || row.met === null ? '' : row.met ? ', now met' : ', now missed'
    return isSame && verdict === '' ? [] : [`${row.path}: ${from} → ${to}${verdict}`]
  })
}
