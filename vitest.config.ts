import { defineConfig } from 'vitest/config'

interface Choices {
  readonly include: readonly string[]
  readonly exclude?: readonly string[]
  /** Only ends a hang: a busy machine takes many times what an idle one does. */
  readonly testTimeout: number
  /** Projects of the same number run beside one another, those of a higher one after them. */
  readonly groupOrder: number
  readonly maxWorkers: number
}

const project = (
  name: string,
  { include, exclude = [], testTimeout, groupOrder, maxWorkers }: Choices,
) => ({
  test: {
    name,
    include: [...include],
    exclude: [...exclude],
    testTimeout,
    hookTimeout: testTimeout,
    sequence: { groupOrder },
    maxWorkers,
  },
})

/** Processor time is all that these need. */
const quick = { groupOrder: 0, maxWorkers: 2 }
/** One real part each, which leaves half of two cores idle. */
const parts = { groupOrder: 1, maxWorkers: 2 }
/** The whole system, most of the time waiting for a fault to be over: of two cores 40 to 70 % are idle. */
const waiting = { groupOrder: 2, maxWorkers: 2 }
/** The whole system at work: two at a time would only wait for one another. */
const busy = { groupOrder: 3, maxWorkers: 1 }

const waits = [
  'pool-empty',
  'state-disk',
  ...['engine', 'outage', 'prompts', 'silence', 'worker-boundary'].map((name) => `faults/${name}`),
]
const waitingFiles = waits.map((name) => `test/e2e/${name}.test.ts`)

/** From milliseconds to minutes: what needs more of the real world comes later. */
export default defineConfig({
  test: {
    projects: [
      project('unit', {
        include: ['src/**/*.test.ts', 'test/support/*.test.ts'],
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
      project('waiting', { include: waitingFiles, testTimeout: 900_000, ...waiting }),
      project('e2e', {
        include: ['test/e2e/**/*.test.ts'],
        exclude: waitingFiles,
        testTimeout: 900_000,
        ...busy,
      }),
    ],
  },
})
