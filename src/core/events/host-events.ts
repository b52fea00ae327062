import type { Draft } from '../model/draft.ts'
import type { HostEvent } from '../model/host-event.ts'
import { type Hosts, isCoveredBy, meansHost, mostRefused, mostUploads } from '../model/hosts.ts'
import { applied, ignored, type Outcome } from '../model/outcome.ts'

/** Records what instances asked for and sent, and what people allow. */
export function applyHostEvent(draft: Draft, event: HostEvent): Outcome {
  const { hosts } = draft.state
  const { allowed, refused, uploads } = hosts
  const { host } = event
  const change = (part: Partial<Hosts>): Outcome => {
    draft.set({ hosts: { ...hosts, ...part } })
    return applied
  }
  switch (event.type) {
    case 'host-refused': {
      if (refused.some((each) => each.host === host))
        return ignored(`${host} is shown as refused already`)
      // The name of a request may take long to look up.
      if (allowed.some((entry) => isCoveredBy(host, entry)))
        return ignored(`${host} was allowed after the request`)
      const by = event.instance
      if (refused.filter((each) => each.by === by).length >= mostRefused)
        return ignored(`${mostRefused} refused hosts of ${by} are shown already`)
      return change({ refused: [...refused, { host, by, at: draft.at }] })
    }
    case 'host-allowed':
      if (allowed.includes(host)) return ignored(`${host} is allowed already`)
      return change({
        allowed: [...allowed, host],
        refused: refused.filter((each) => !isCoveredBy(each.host, host)),
      })
    case 'host-withdrawn':
      if (!allowed.includes(host))
        return ignored(`${host} is not one that was allowed while the run went on`)
      return change({
        allowed: allowed.filter((each) => each !== host),
        // That was the answer to them.
        uploads: uploads.filter((each) => each.isAccepted || !meansHost(host, each.host)),
      })
    case 'upload-noticed':
    case 'upload-accepted':
      return applyUpload(draft, event, change)
    case 'host-reached':
      return applied
  }
}

function applyUpload(
  { state, at }: Draft,
  event: HostEvent & { readonly type: 'upload-noticed' | 'upload-accepted' },
  change: (part: Partial<Hosts>) => Outcome,
): Outcome {
  const { uploads } = state.hosts
  const { host, instance: by } = event
  const known = uploads.find((each) => each.host === host && each.by === by)
  if (event.type === 'upload-noticed') {
    if (known !== undefined) return ignored(`what ${by} sends to ${host} was noticed already`)
    if (uploads.filter((each) => each.by === by && !each.isAccepted).length >= mostUploads)
      return ignored(`${mostUploads} hosts that ${by} sent much to are shown already`)
    const upload = { host, by, bytes: event.sentBytes, at, isAccepted: false }
    return change({ uploads: [...uploads, upload] })
  }
  if (known === undefined) return ignored(`${by} is not known to have sent much to ${host}`)
  if (known.isAccepted) return ignored(`what ${by} sends to ${host} is accepted already`)
  return change({
    uploads: uploads.map((each) => (each === known ? { ...known, isAccepted: true } : each)),
  })
}
