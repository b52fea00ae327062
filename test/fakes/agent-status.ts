import type { InstanceId } from '../../src/core/model/ids.ts'
import type { AgentStatusSource } from '../../src/engine/observe/agent-status.ts'
import type { AgentStatus } from '../../src/ports/instances.ts'

export interface FakeAgentStatus extends AgentStatusSource {
  /** The status file of an instance changes. */
  say(instance: InstanceId, status: AgentStatus | null): void
}

export function createFakeAgentStatus(): FakeAgentStatus {
  const statuses = new Map<InstanceId, AgentStatus | null>()
  const listeners = new Set<() => void>()
  const statusOf = (instance: InstanceId): AgentStatus | null => statuses.get(instance) ?? null

  return {
    statusOf,
    until: (instance, holds, signal) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!holds(statusOf(instance))) return
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
    say(instance, status) {
      statuses.set(instance, status)
      for (const look of [...listeners]) look()
    },
  }
}
