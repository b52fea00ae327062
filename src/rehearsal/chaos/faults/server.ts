import type { View } from '../world/observer.ts'
import type { Inject } from '../world/fault-context.ts'

/** It is ready and has every instance. */
const isServing = ({ isReady, status }: View): boolean =>
  isReady && status !== null && status.instances.every(({ phase }) => phase !== 'absent')

const killed =
  (signal: 'SIGKILL' | 'SIGTERM'): Inject =>
  async ({ server }) =>
    (await server.end(signal)) ? { heal: () => server.start(), isWhole: isServing } : null

export const killServer = killed('SIGKILL')
export const stopServer = killed('SIGTERM')

/** Hooks and tools get neither an answer nor a refusal. */
export const freezeServer: Inject = async ({ server }) =>
  server.freeze() ? { heal: async () => server.thaw(), isWhole: isServing } : null

/** Long enough for a start on a busy machine: only ends a hang. */
const patienceMs = 120_000

export const startSecondServer: Inject = async ({ server }) => {
  if (!server.isUp) return null
  const { code } = await server.startSecond(patienceMs)
  return { isWhole: (view) => code !== null && code !== 0 && isServing(view) }
}
