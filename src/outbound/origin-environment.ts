import { hrefOf, type Outbound } from './outbound.ts'
import { createRoute } from './route.ts'

export interface OriginAccess {
  /** The origin's host, for an https URL; null for every other origin. */
  readonly host: string | null
  readonly outbound: Outbound
  /** A PEM file of all certificates that count; null for the usual ones. */
  readonly bundle: string | null
}

/**
 * The operator's environment, with what git needs to reach an https origin. Not on git's command
 * line, which every user of the machine sees. Git's own `http.proxy`, and `http.<url>.sslCAInfo` or
 * `GIT_SSL_CAINFO`, still come first.
 */
export async function originEnvironment(
  operator: NodeJS.ProcessEnv,
  { host, outbound, bundle }: OriginAccess,
): Promise<NodeJS.ProcessEnv> {
  if (host === null) return operator
  const { proxy, direct } = outbound
  const isDirect = await createRoute(outbound)(host)
  const trusting = bundle === null ? operator : withConfig(operator, 'http.sslCAInfo', bundle)
  const { https_proxy: _, HTTPS_PROXY: __, ...unproxied } = trusting
  if (proxy === null) return unproxied
  const { no_proxy: ___, NO_PROXY: ____, ...rest } = unproxied
  const skipped = [...direct.entries.map(asCurlReads), ...(isDirect ? [host] : [])].join(',')
  return { ...rest, https_proxy: hrefOf(proxy), no_proxy: skipped }
}

/** curl takes `*.` for a part of the name. */
const asCurlReads = (entry: string): string => entry.replace(/^\*\./, '.')

/** One more of the settings that git reads from its environment. */
function withConfig(environment: NodeJS.ProcessEnv, key: string, value: string): NodeJS.ProcessEnv {
  const count = Number(environment['GIT_CONFIG_COUNT'] ?? 0)
  return {
    ...environment,
    GIT_CONFIG_COUNT: String(count + 1),
    [`GIT_CONFIG_KEY_${count}`]: key,
    [`GIT_CONFIG_VALUE_${count}`]: value,
  }
}

/** Of an https URL; null for every other one. */
export function httpsHostOf(repository: string): string | null {
  if (!/^https:\/\//i.test(repository)) return null
  return new URL(repository).hostname.replace(/^\[(.*)\]$/, '$1')
}
