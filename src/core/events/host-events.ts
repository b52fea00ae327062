import type { Draft } from '../model/draft.ts'
import type { HostEvent } from '../model/host-event.ts'
import { mostRefused } from '../model/hosts.ts'
import { applied, ignored, type Outcome } from '../model/outcome.ts'

/** Records what instances asked for, and what people allow. */
export function applyHostEvent(draft: Draft, event: HostEvent): Outcome {
  const { hosts } = draft.state
  const { allowed, refused } = hosts
  const { host } = event
  const others = refused.filter((each) => each.host !== host)
  switch (event.type) {
    case 'host-refused': {
      if (others.length < refused.length) return ignored(`${host} is shown as refused already`)
      const by = event.instance
      if (refused.filter((each) => each.by === by).length >= mostRefused)
        return ignored(`${mostRefused} refused hosts of ${by} are shown already`)
      draft.set({ hosts: { allowed, refused: [...refused, { host, by, at: draft.at }] } })
      return applied
    }
    case 'host-allowed':
      if (allowed.includes(host)) return ignored(`${host} is allowed already`)
      draft.set({ hosts: { allowed: [...allowed, host], refused: others } })
      return applied
    case 'host-withdrawn':
      if (!allowed.includes(host))
        return ignored(`${host} is not one that was allowed while the run went on`)
      draft.set({ hosts: { refused, allowed: allowed.filter((each) => each !== host) } })
      return applied
    case 'host-reached':
      return applied
  }
}
