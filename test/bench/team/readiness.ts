import type { EventView } from '../../../src/http/contract/event.ts'

export interface Readiness {
  readonly readyMs: readonly number[]
  readonly allReadyMs: number
}

/** How long the first launches of the workers took, from the server's journal. */
export function readinessOf(events: readonly EventView[]): Readiness {
  const asked = new Map<string, number>()
  const listed = new Map<string, number>()
  for (const { at, type, ignored, instance, actions } of events) {
    if (ignored !== null) continue
    for (const action of actions)
      if (action.type === 'start-instance' && !asked.has(action.instance))
        asked.set(action.instance, Date.parse(at))
    if (type === 'instance-ready' && instance !== null && !listed.has(instance))
      listed.set(instance, Date.parse(at))
  }
  const launches = [...asked].flatMap(([instance, from]) => {
    const to = listed.get(instance)
    return to === undefined || instance === 'manager' ? [] : [{ from, to }]
  })
  const last = Math.max(...launches.map(({ to }) => to))
  return {
    readyMs: launches.map(({ from, to }) => to - from),
    allReadyMs: last - Math.min(...launches.map(({ from }) => from)),
  }
}
