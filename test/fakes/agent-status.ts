import type { InstanceId } from '../../src/core/model/ids.ts'
import type { AgentStatusSource, AgentSignals } from '../../src/engine/observe/agent-status.ts'

export interface FakeAgentStatus extends AgentStatusSource {
  /** An instance says something new of itself. */
  say(instance: InstanceId, change: Partial<AgentSignals>): void
}

export function createFakeAgentStatus(): FakeAgentStatus {
  const signals = new Map<InstanceId, AgentSignals>()
  const listeners = new Set<() => void>()
  const signalsFor = (instance: InstanceId): AgentSignals =>
    signals.get(instance) ?? { status: null, clears: 0, settingsRead: 0 }

  return {
    signalsOf: signalsFor,
    until: (instance, holds, signal) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!holds(signalsFor(instance))) return
          listeners.delete(look)
          resolve()
        }
        listeners.add(look)
        signal.addEventListener('abort', () => {
          listeners.delete(look)
          reject(signal.reason as Error)
        })
        look()
      }),
    say(instance, change) {
      signals.set(instance, { ...signalsFor(instance), ...change })
      for (const look of [...listeners]) look()
    },
  }
}
