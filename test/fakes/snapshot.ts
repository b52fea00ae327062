import type { Commit } from '../../src/core/model/ids.ts'
import type { Tree } from './three-way.ts'

export interface Snapshot {
  readonly tree: Tree
  readonly parents: readonly Commit[]
  readonly message: string
}

/** The task that a merge commit names in its trailers. */
export const taskOf = (message: string): string | null =>
  /^Task: (.+)$/m.exec(message.trimEnd().split('\n\n').at(-1) ?? '')?.[1] ?? null

/** How often each task was merged in a history. */
export function mergesIn(history: readonly Snapshot[]): ReadonlyMap<string, number> {
  const merges = new Map<string, number>()
  for (const { parents, message } of history) {
    const task = parents.length === 2 ? taskOf(message) : null
    if (task !== null) merges.set(task, (merges.get(task) ?? 0) + 1)
  }
  return merges
}
