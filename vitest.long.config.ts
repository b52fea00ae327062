import { defineConfig } from 'vitest/config'

/** What takes too long for every change: each test has a smaller relative in `npm test`. */
export default defineConfig({
  test: {
    name: 'long',
    include: ['test/long/*.test.ts'],
    testTimeout: 900_000,
    maxWorkers: 1,
  },
})
