import type { EventView } from '../../http/contract/event.ts'

/** Milliseconds; null when the run has none. */
export interface Spread {
  readonly p50: number | null
  readonly p95: number | null
}

export interface Durations {
  /** From the decision to start an instance until it is ready. */
  readonly readyMs: Spread
  /** From a report that was taken until the merge landed, for work that was merged at once. */
  readonly mergeMs: Spread
}

/** How long the steps of a run took, from the server's journal. */
export function durationsIn(events: readonly EventView[]): Durations {
  const [ready, merged]: [number[], number[]] = [[], []]
  const [starts, reports] = [new Map<string, number>(), new Map<string, number>()]
  const settle = (begun: Map<string, number>, key: string, at: number, into: number[]): void => {
    const from = begun.get(key)
    if (from !== undefined) into.push(at - from)
    begun.delete(key)
  }
  for (const { at: time, type, ignored, instance, launch, task, actions } of events) {
    if (ignored !== null) continue
    const at = Date.parse(time)
    for (const action of actions)
      if (action.type === 'start-instance') starts.set(`${action.instance} ${action.launch}`, at)
    if (type === 'instance-ready') settle(starts, `${instance} ${launch}`, at, ready)
    if (task === null) continue
    if (type === 'task-reported') reports.set(task, at)
    if (type === 'merge-landed') settle(reports, task, at, merged)
    if (type === 'merge-conflicted' || type === 'merge-rejected') reports.delete(task)
  }
  return { readyMs: spreadOf(ready), mergeMs: spreadOf(merged) }
}

function spreadOf(figures: readonly number[]): Spread {
  const sorted = figures.toSorted((a, b) => a - b)
  const at = (share: number): number | null =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
  return { p50: at(0.5), p95: at(0.95) }
}
