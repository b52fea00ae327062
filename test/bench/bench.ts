import type { Row } from './row.ts'

/** How a path is measured this time. */
export interface Bench {
  /** Fewer rounds and smaller runs: the whole table takes a few minutes. */
  readonly isQuick: boolean
  readonly signal: AbortSignal
  readonly say: (line: string) => void
  /**
   * Carries out rounds, in each of which product and raw take turns, and repeats disturbed ones.
   */
  readonly rounds: <Reading>(
    wanted: number,
    round: () => Promise<Reading>,
  ) => Promise<readonly Reading[]>
}

/** Measures one or more paths; each is a row. */
export type Measure = (bench: Bench) => Promise<readonly Row[]>
