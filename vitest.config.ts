import { defineConfig } from 'vitest/config'

const project = (name: string, include: string[], testTimeout: number) => ({
  test: { name, include, testTimeout, hookTimeout: testTimeout },
})

/** From milliseconds to minutes: what needs more of the real world comes later. */
export default defineConfig({
  test: {
    projects: [
      project('unit', ['src/**/*.test.ts'], 10_000),
      project('architecture', ['test/architecture/*.test.ts'], 20_000),
      project('contracts', ['test/contracts/*.test.ts'], 60_000),
      project('scenarios', ['test/scenarios/*.test.ts'], 30_000),
      project('simulation', ['test/simulation/*.test.ts'], 120_000),
      project('integration', ['test/integration/*.test.ts'], 120_000),
      project('e2e', ['test/e2e/**/*.test.ts'], 300_000),
    ],
  },
})
