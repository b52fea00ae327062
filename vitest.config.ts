import { defineConfig } from 'vitest/config'

interface Choices {
  readonly include: readonly string[]
  readonly testTimeout: number
  /** Projects of the same number run beside one another, those of a higher one after them. */
  readonly groupOrder: number
  readonly maxWorkers: number
}

const project = (name: string, { include, testTimeout, groupOrder, maxWorkers }: Choices) => ({
  test: { name, include: [...include], testTimeout, hookTimeout: testTimeout, sequence: { groupOrder }, maxWorkers },
})

/** Processor time is all that these need. */
const quick = { groupOrder: 0, maxWorkers: 2 }
/** Containers, terminals and Claude Code, often held against a figure: two at a time would only wait for one another. */
const real = { groupOrder: 1, maxWorkers: 1 }

/** From milliseconds to minutes: what needs more of the real world comes later. */
export default defineConfig({
  test: {
    projects: [
      project('unit', { include: ['src/**/*.test.ts'], testTimeout: 10_000, ...quick }),
      project('architecture', { include: ['test/architecture/*.test.ts'], testTimeout: 20_000, ...quick }),
      project('contracts', { include: ['test/contracts/*.test.ts'], testTimeout: 60_000, ...real }),
      project('scenarios', { include: ['test/scenarios/*.test.ts'], testTimeout: 30_000, ...quick }),
      project('simulation', { include: ['test/simulation/*.test.ts'], testTimeout: 120_000, ...quick }),
      project('integration', { include: ['test/integration/*.test.ts'], testTimeout: 120_000, ...real }),
      project('e2e', { include: ['test/e2e/**/*.test.ts'], testTimeout: 300_000, ...real }),
    ],
  },
})
