import { median } from './median.ts'

/** What is asked of one figure of a row; both ends count as met. */
export interface Goal {
  readonly of: 'ratio' | 'product'
  readonly most?: number
  readonly least?: number
}

/**
 * One line of the table. `path` ends with the unit of `product` and `raw`; each figure is null
 * where there is nothing to measure or to compare.
 */
export interface Row {
  readonly path: string
  readonly product: number | null
  readonly raw: number | null
  /** Product to raw. */
  readonly ratio: number | null
  /**
   * The lowest and the highest ratio of a round; of the product's figures where there is no raw.
   */
  readonly spread: readonly [number, number] | null
  readonly goal: string | null
  readonly met: boolean | null
}

export interface Pair {
  readonly product: number
  readonly raw: number
}

/**
 * The medians of rounds in which product and raw took turns. The ratio is the median of the rounds'
 * ratios: what a round's machine did to both of them cancels out.
 */
export function rowOfPairs(path: string, pairs: readonly Pair[], goal: Goal | null): Row {
  const ratios = pairs.map(({ product, raw }) => product / raw)
  const medians = {
    product: known(median(pairs.map(({ product }) => product))),
    raw: known(median(pairs.map(({ raw }) => raw))),
    ratio: known(median(ratios)),
  }
  return judged({ path, ...medians, spread: spreadOf(ratios) }, goal)
}

/** A figure of the product that has nothing to be compared with. */
export const rowOf = (path: string, figures: readonly number[], goal: Goal | null): Row =>
  judged(
    { path, product: known(median(figures)), raw: null, ratio: null, spread: spreadOf(figures) },
    goal,
  )

function spreadOf(figures: readonly number[]): readonly [number, number] | null {
  const [least, most] = [known(Math.min(...figures)), known(Math.max(...figures))]
  return least === null || most === null ? null : [least, most]
}

function judged(figures: Omit<Row, 'goal' | 'met'>, goal: Goal | null): Row {
  const figure = goal === null ? null : figures[goal.of]
  return {
    ...figures,
    goal: goal === null ? null : describeGoal(goal),
    met: goal === null || figure === null ? null : isMet(figure, goal),
  }
}

const isMet = (figure: number, { most = Infinity, least = -Infinity }: Goal): boolean =>
  figure <= most && figure >= least

function describeGoal({ of, most, least }: Goal): string {
  const sign = of === 'ratio' ? ' ×' : ''
  return [
    ...(least === undefined ? [] : [`≥ ${least}${sign}`]),
    ...(most === undefined ? [] : [`≤ ${most}${sign}`]),
  ].join(', ')
}

/** JSON knows no NaN; three digits say more than any of the figures can. */
const known = (figure: number): number | null =>
  Number.isFinite(figure) ? Number(figure.toPrecision(3)) : null
