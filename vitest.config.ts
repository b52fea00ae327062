import { defineConfig } from 'vitest/config'
import { RunningOrder } from './test/support/running-order.ts'

interface Choices {
  readonly include: readonly string[]
  /** Only ends a hang: a busy machine takes many times what an idle one does. */
  readonly testTimeout: number
  /** Projects of the same number run beside one another, those of a higher one after them. */
  readonly groupOrder: number
  readonly maxWorkers: number
}

const project = (name: string, { include, testTimeout, groupOrder, maxWorkers }: Choices) => ({
  test: {
    name,
    include: [...include],
    testTimeout,
    hookTimeout: testTimeout,
    sequence: { groupOrder },
    maxWorkers,
  },
})

/** Processor time is all that these need. */
const quick = { groupOrder: 0, maxWorkers: 2 }
/** One real part each: two files at a time leave half of two cores idle. */
const parts = { groupOrder: 1, maxWorkers: 3 }
/** The whole system; RunningOrder says which files run beside one another. */
const whole = { groupOrder: 2, maxWorkers: 2 }

/** From milliseconds to minutes: what needs more of the real world comes later. */
export default defineConfig({
  test: {
    sequence: { sequencer: RunningOrder },
    projects: [
      project('unit', {
        include: ['src/**/*.test.ts', 'test/support/*.test.ts', 'test/bench/**/*.test.ts'],
        testTimeout: 60_000,
        ...quick,
      }),
      project('architecture', {
        include: ['test/architecture/*.test.ts'],
        testTimeout: 120_000,
        ...quick,
      }),
      project('scenarios', {
        include: ['test/scenarios/*.test.ts'],
        testTimeout: 120_000,
        ...quick,
      }),
      project('simulation', {
        include: ['test/simulation/*.test.ts'],
        testTimeout: 600_000,
        ...quick,
      }),
      project('contracts', {
        include: ['test/contracts/*.test.ts'],
        testTimeout: 300_000,
        ...parts,
      }),
      project('integration', {
        include: ['test/integration/*.test.ts'],
        testTimeout: 300_000,
        ...parts,
      }),
      project('e2e', {
        include: ['test/e2e/**/*.test.ts'],
        testTimeout: 900_000,
        ...whole,
      }),
    ],
  },
})
