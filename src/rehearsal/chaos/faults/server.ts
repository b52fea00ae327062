import type { View } from '../world/observer.ts'
import type { Inject } from '../world/scene.ts'

/** It answers, it is ready, and every instance is in its hands. */
const isServing = ({ isReady, status }: View): boolean =>
  isReady && status !== null && status.instances.every(({ phase }) => phase !== 'absent')

const killed =
  (signal: 'SIGKILL' | 'SIGTERM'): Inject =>
  async ({ server }) =>
    (await server.end(signal)) ? { heal: () => server.start(), isWhole: isServing } : null

export const killServer = killed('SIGKILL')
export const stopServer = killed('SIGTERM')

/** Hooks and tools find nobody who answers, and nothing that refuses them either. */
export const freezeServer: Inject = async ({ server }) =>
  server.freeze() ? { heal: async () => server.thaw(), isWhole: isServing } : null

/** Long enough for a start on a busy machine. */
const patienceMs = 20_000

export const startSecondServer: Inject = async ({ server }) => {
  if (!server.isUp) return null
  const { code } = await server.startSecond(patienceMs)
  return { isWhole: (view) => code !== null && code !== 0 && isServing(view) }
}
