import type { Hosts } from '../../../core/model/hosts.ts'
import { readRefused } from '../../../engine/observe/refused-host.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import type { HostsView } from '../../contract/host.ts'
import { routes } from '../../contract/routes.ts'
import type { CurlOf } from './curl.ts'
import { acceptUpload, openUploads } from './upload.ts'

/** A host that a repository seems to need. */
export type ProposedHost = Omit<HostsView['proposed'][number], 'allow'>

export const viewHosts = (
  hosts: Hosts,
  network: HostsView['network'],
  proposed: readonly ProposedHost[],
  curl: CurlOf,
): HostsView => ({
  network,
  allowed: hosts.allowed,
  refused: hosts.refused.map(({ host, by, at }) => ({
    host,
    leadsTo: readRefused(host).leadsTo,
    by,
    at: isoTime(at),
    allow: curl(routes.allowHost, {}, { host }),
  })),
  uploads: openUploads(hosts).map((upload) => {
    const { host, by, bytes, at } = upload
    return { host, by, bytes, at: isoTime(at), accept: acceptUpload(upload, curl) }
  }),
  proposed: proposed.map((each) => ({
    ...each,
    allow: curl(routes.allowHost, {}, { host: each.host }),
  })),
})
