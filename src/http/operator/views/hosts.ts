import type { Hosts } from '../../../core/model/hosts.ts'
import { readRefused } from '../../../engine/observe/refused-host.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import type { HostsView } from '../../contract/host.ts'
import { routes } from '../../contract/routes.ts'
import type { CurlOf } from './curl.ts'

/** A host that a repository seems to need. */
export type ProposedHost = Omit<HostsView['proposed'][number], 'allow'>

export const viewHosts = (
  { allowed, refused }: Hosts,
  network: HostsView['network'],
  proposed: readonly ProposedHost[],
  curl: CurlOf,
): HostsView => ({
  network,
  allowed,
  refused: refused.map(({ host, by, at }) => ({
    host,
    leadsTo: readRefused(host).leadsTo,
    by,
    at: isoTime(at),
    allow: curl(routes.allowHost, {}, { host }),
  })),
  proposed: proposed.map((each) => ({
    ...each,
    allow: curl(routes.allowHost, {}, { host: each.host }),
  })),
})
