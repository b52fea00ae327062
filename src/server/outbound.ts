import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type StateDirectory, writeWhole } from '../adapters/system/state-directory.ts'
import type { Configuration } from '../config/configuration.ts'
import type { Problem } from '../lib/problem.ts'
import { hostBundle } from '../outbound/certificates.ts'
import { httpsHostOf, originEnvironment } from '../outbound/origin-environment.ts'
import { hrefOf, type Outbound, secretsOfProxy, withoutPassword } from '../outbound/outbound.ts'
import { readOutbound } from '../outbound/read-outbound.ts'

/** The operator's proxy and certificates, as this start uses them. */
export interface OpenedOutbound {
  readonly outbound: Outbound
  readonly problems: readonly Problem[]
  readonly secrets: readonly string[]
  /** For the log. */
  readonly shown: { readonly upstreamProxy?: string; readonly ownCertificates?: number }
}

export async function openOutbound(configuration: Configuration): Promise<OpenedOutbound> {
  const { outbound, problems } = await readOutbound(configuration, process.env)
  const { proxy, certificates } = outbound
  return {
    outbound,
    problems,
    secrets: secretsOfProxy(proxy),
    shown: {
      ...(proxy === null ? {} : { upstreamProxy: withoutPassword(proxy) }),
      ...(certificates.length === 0 ? {} : { ownCertificates: certificates.length }),
    },
  }
}

/** Writes everything that programs of this machine trust; null where that is the usual. */
export function writeBundle(directory: StateDirectory, { certificates }: Outbound): string | null {
  if (certificates.length === 0) return null
  const path = join(directory.path, 'trusted-here.pem')
  writeWhole(path, hostBundle(certificates))
  return path
}

/** What git at the origin gets of the environment of this process. */
export const environmentForOrigin = (
  { repositoryUrl }: Configuration,
  outbound: Outbound,
  bundle: string | null,
): Promise<NodeJS.ProcessEnv> =>
  originEnvironment(process.env, { host: httpsHostOf(repositoryUrl), outbound, bundle })

/**
 * The proxy that instances with a network use themselves. Never one with a password, which agents
 * could read, nor one on loopback, which is another machine to a container. Null for none.
 */
export function proxyOfInstances(
  { network, runtime }: Pick<Configuration, 'network' | 'runtime'>,
  { proxy }: Outbound,
): string | null {
  if (network !== 'open' || proxy === null) return null
  return objectionTo(proxy, runtime) === null ? hrefOf(proxy) : null
}

/** Why instances with a network do not get the proxy; null where nothing is withheld. */
export function withheldProxy(
  { network, runtime }: Pick<Configuration, 'network' | 'runtime'>,
  { proxy }: Outbound,
): string | null {
  return network === 'open' && proxy !== null ? objectionTo(proxy, runtime) : null
}

function objectionTo(proxy: URL, runtime: Configuration['runtime']): string | null {
  if (proxy.username !== '' || proxy.password !== '')
    return 'its URL holds a user name, which agents could read'
  const isLoopback = /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(proxy.hostname)
  return runtime === 'docker' && isLoopback
    ? 'containers do not reach this machine’s loopback'
    : null
}

/** Names the certificates, so that the next start can compare. */
export function fingerprintOf({ certificates }: Outbound): string | null {
  if (certificates.length === 0) return null
  return createHash('sha256').update(certificates.join('\n')).digest('hex').slice(0, 16)
}
