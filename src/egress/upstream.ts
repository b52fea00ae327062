import { type EgressPolicy, permissionFor } from './allow-list.ts'
import { type Connect, connectThrough } from './connect.ts'
import type { ResolvedTarget } from './resolved.ts'
import type { SlowNames } from './slow-names.ts'
import type { Target } from './target.ts'

/** The operator's own HTTP proxy. */
export interface UpstreamProxy {
  /** May hold a user name and a password. */
  readonly url: URL
  /** Hosts that the operator's network reaches without the proxy. */
  readonly isDirect?: (host: string) => boolean
}

export interface Upstream {
  readonly connect: Connect
  readonly names: SlowNames
  /** Whether a name that has no address here may have one for the proxy. */
  knows(target: Target, policy: EgressPolicy): boolean
  /** Whether a target that was judged is reached without the proxy. */
  isBypassed(target: ResolvedTarget): boolean
}

export function createUpstream(
  { url, isDirect = () => false }: UpstreamProxy,
  names: SlowNames,
): Upstream {
  return {
    connect: connectThrough(url),
    names,
    knows: (target, policy) =>
      !target.isAddress &&
      !isDirect(target.host) &&
      (isNamed(target, policy) || !endsPrivately(target.host)),
    isBypassed: ({ host, isPrivate }) => isPrivate || isDirect(host),
  }
}

/** By an entry of the list, not because the mode allows every public host. */
const isNamed = (target: Target, { allow }: EgressPolicy): boolean =>
  permissionFor(target, { mode: 'sealed', allow }).kind !== 'refused'

/**
 * No public name ends like this: reserved by RFC 6762, 6761, 8375 and ICANN, or common in
 * companies. The proxy might reach a private host by it, such as a cloud's metadata.
 */
const endsPrivately = (name: string): boolean =>
  /(?:^|\.)(?:internal|local|localhost|localdomain|home\.arpa|intranet|private|corp|home|lan)$/.test(
    name,
  )
