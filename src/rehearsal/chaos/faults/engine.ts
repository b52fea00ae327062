import type { Inject } from '../world/fault-context.ts'

/** It takes calls and answers none; containers go on. Also the server may start meanwhile. */
export const hangEngine: Inject = async ({ setup: { engine } }) => {
  if (engine === null) return null
  const resume = engine.hold()
  return {
    heal: async () => resume(),
    isWhole: ({ isReady, status }) => isReady && !/\bengine\b/.test(status?.run.needs ?? ''),
  }
}
