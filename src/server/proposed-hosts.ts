import type { Configuration } from '../config/configuration.ts'
import { permissionFor } from '../egress/allow-list.ts'
import { proposedHosts } from '../egress/proposed-hosts.ts'
import type { ProposedHost } from '../http/operator/views/hosts.ts'
import { readAllowed } from './egress.ts'

/**
 * Hosts of the repository's packages, by the files at its root, that instances do not reach yet.
 */
export function proposeHosts(
  { network, allowHosts }: Pick<Configuration, 'network' | 'allowHosts'>,
  files: readonly string[],
  allowed: readonly string[],
): readonly ProposedHost[] {
  if (network !== 'sealed') return []
  const policy = { mode: network, allow: readAllowed([...allowHosts, ...allowed]) }
  const isReached = (host: string): boolean =>
    permissionFor({ host, port: 443, isAddress: false }, policy).kind !== 'refused'
  return proposedHosts(files)
    .flatMap(({ hosts, because, exit }) => hosts.map((host) => ({ host, because, exit })))
    .filter(({ host }) => !isReached(host))
}
