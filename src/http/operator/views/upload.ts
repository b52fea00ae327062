import { type Hosts, type LargeUpload, meansHost } from '../../../core/model/hosts.ts'
import { routes } from '../../contract/routes.ts'
import type { CurlOf } from './curl.ts'

/** Those that no person has accepted. */
export const openUploads = ({ uploads }: Hosts): readonly LargeUpload[] =>
  uploads.filter(({ isAccepted }) => !isAccepted)

export const acceptUpload = ({ by, host }: LargeUpload, curl: CurlOf): string =>
  curl(routes.acceptUpload, { id: by }, { host })

/** What the run needs while a person has not accepted a large upload. It holds up no work. */
export function needOfUpload(hosts: Hosts, curl: CurlOf): string | null {
  const [upload] = openUploads(hosts)
  if (upload === undefined) return null
  const { by, host, bytes } = upload
  const mebibytes = Math.floor(bytes / (1024 * 1024))
  const entry = hosts.allowed.find((each) => meansHost(each, host))
  const end =
    entry === undefined
      ? 'To end it, change allowHosts or network in the settings and restart the server'
      : `To end it: ${curl(routes.withdrawHost, {}, { host: entry })}`
  return (
    `${by} has sent ${mebibytes} MiB to ${host}. If you know why: ` +
    `${acceptUpload(upload, curl)} ; ${end}`
  )
}
