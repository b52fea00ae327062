import { performance } from 'node:perf_hooks'
import { changedDocuments } from '../../src/adapters/sqlite/documents.ts'
import { decide } from '../../src/core/decide.ts'
import { nextAlarm } from '../../src/core/rules/deadlines.ts'
import type { Bench } from './bench.ts'
import type { Size } from './busy-run.ts'
import { median } from './median.ts'
import { type Moment, moments } from './moments.ts'
import { type Row, rowOfPairs } from './row.ts'

/**
 * Product and raw are the same decision in a long run and in a short one of the same team. In the
 * short one half of the workers are idle, so there is another one in which all are at work.
 */
const long: Size = { tasks: 10_000, workers: 200 }
const short: Size = { tasks: 100, workers: 200 }
const busy: Size = { tasks: 400, workers: 200 }

/** ADR 28: the cost of a decision does not depend on the number of tasks. */
const goal = { of: 'ratio', most: 1.5 } as const

/** Decisions of each size and kind in a round; as many before it warm up. */
const times = 300

/** A decision includes the diff for the store and the next alarm, which follow each one. */
function costMs([{ state: before, at }, event]: Moment): number {
  const began = performance.now()
  const { state, ignored } = decide(before, event, at)
  changedDocuments(before, state)
  nextAlarm(state)
  const took = performance.now() - began
  if (ignored !== null) throw new Error(`${event.type} was ignored: ${ignored}`)
  return took
}

/** The sizes take turns at each decision, so that a disturbance of the machine concerns all. */
function costsMs(columns: readonly Moment[]): readonly number[] {
  const taken = columns.map((): number[] => [])
  for (let time = -times; time < times; time += 1)
    for (const [column, moment] of columns.entries()) {
      const cost = costMs(moment)
      if (time >= 0) taken[column]?.push(cost)
    }
  return taken.map(median)
}

/** One row for each kind of event that can be next. */
export async function measureDecisions({ isQuick, rounds }: Bench): Promise<readonly Row[]> {
  const [many, few, some] = [moments(long), moments(short), moments(busy)]
  const names = Object.keys(many) as (keyof typeof many)[]
  const taken = await rounds(isQuick ? 1 : 3, async () =>
    names.map((name) => {
      const [product = Number.NaN, raw = Number.NaN, ofBusy = Number.NaN] = costsMs([
        many[name],
        few[name],
        some[name],
      ])
      return { raw: { product, raw }, busy: { product, raw: ofBusy } }
    }),
  )
  return (['raw', 'busy'] as const).flatMap((which) =>
    names.map((name, index) =>
      rowOfPairs(
        `decide: ${name}, 10,000 × 200 to ${which === 'raw' ? 100 : 400} × 200, ms`,
        taken.flatMap((round) => round[index]?.[which] ?? []),
        goal,
      ),
    ),
  )
}
