import { isIP } from 'node:net'
import type { Logger } from 'pino'
import type { Configuration } from '../config/configuration.ts'
import { classOf } from '../egress/address.ts'
import { type AllowedHost, entryOf, parseAllowedHost } from '../egress/allow-list.ts'
import { createEgressProxy, type EgressProxy } from '../egress/egress-proxy.ts'
import { parseTarget } from '../egress/target.ts'
import type { Dispatcher } from '../engine/dispatch/dispatcher.ts'
import type { ReadHost } from '../http/operator/hosts.ts'
import type { Outbound } from '../outbound/outbound.ts'
import type { Problem } from '../lib/problem.ts'
import type { Vault } from '../ports/vault.ts'

/** Where an unmodified Claude Code with a subscription asks the model and renews its login. */
const providerHosts = ['api.anthropic.com', 'console.anthropic.com', 'platform.claude.com']

interface EgressParts {
  readonly configuration: Configuration
  readonly vault: Vault
  readonly log: Pick<Logger, 'error'>
  readonly dispatcher: () => Dispatcher
  readonly outbound: Outbound
}

/** The proxy of instances without a network, with what the operator allows. */
export function createEgress({
  configuration,
  vault,
  log,
  dispatcher,
  outbound: { proxy, direct },
}: EgressParts): EgressProxy {
  const mode = configuration.network === 'proxied' ? 'proxied' : 'sealed'
  const holdsCredentials = configuration.policy.credentials === 'file'
  return createEgressProxy({
    policy() {
      const { allowed } = dispatcher().state.hosts
      const models = holdsCredentials ? modelHosts(vault) : []
      return { mode, allow: [...readAllowed([...configuration.allowHosts, ...allowed]), ...models] }
    },
    onRefused({ instance, remedy }) {
      if (remedy !== null) dispatcher().enqueue({ type: 'host-refused', instance, host: remedy })
    },
    onTunnel({ instance, host, port, sentBytes, receivedBytes, durationMs }) {
      dispatcher().enqueue({
        ...{ type: 'host-reached', instance, host: `${host}:${port}` },
        ...{ sentBytes, receivedBytes, durationMs },
      })
    },
    onLargeUpload({ instance, host, bytes: sentBytes }) {
      // Each request to the model repeats its conversation.
      const isExpected = holdsCredentials && isModelHost(vault, host)
      if (!isExpected) dispatcher().enqueue({ type: 'upload-noticed', instance, host, sentBytes })
    },
    onError({ instance, error, unreported }) {
      log.error({ instance, err: error, unreported }, 'the proxy could not serve a connection')
    },
    ...(proxy === null
      ? {}
      : { upstreamProxy: { url: proxy, isDirect: (host: string) => direct.includes(host) } }),
  })
}

/** The addresses of the pool; the provider's own hosts for those without one. */
export function modelHosts(vault: Pick<Vault, 'list' | 'environmentOf'>): readonly AllowedHost[] {
  return vault.list().flatMap(({ id }) => {
    const address = vault.environmentOf(id).ANTHROPIC_BASE_URL ?? ''
    if (address === '' || !URL.canParse(address)) return readAllowed(providerHosts)
    const { protocol, host } = new URL(address)
    const parsed = parseTarget(host, protocol === 'http:' ? 80 : 443)
    if (!parsed.ok) return []
    // The operator sends credentials there: it works on a private network and on loopback too.
    const { target } = parsed
    return [{ host: target.host, port: target.port, isBelow: false, leadsTo: 'anywhere' }]
  })
}

/** Models of the pool at addresses of this machine or its networks: no proxy reaches those. */
export const nearModels = (vault: Parameters<typeof modelHosts>[0]): readonly string[] =>
  modelHosts(vault)
    .map(({ host }) => host)
    .filter((host) => isIP(host) !== 0 && classOf(host) !== 'public')

export const isModelHost = (vault: Parameters<typeof modelHosts>[0], host: string): boolean =>
  modelHosts(vault).some((each) => each.host === host)

/** The entries of the settings that cannot be read. */
export const unreadableHosts = ({ file, allowHosts }: Configuration): readonly Problem[] =>
  allowHosts.flatMap((entry) => {
    const parsed = parseAllowedHost(entry)
    if (parsed.ok) return []
    const what = `names ${JSON.stringify(entry)}, which ${parsed.problem}`
    return [{ file, key: 'allowHosts', what, remedy: 'correct this entry' }]
  })

/** Leaves out entries that cannot be read: `unreadableHosts` reports those of the settings. */
export const readAllowed = (entries: readonly string[]): readonly AllowedHost[] =>
  entries.map(parseAllowedHost).flatMap((parsed) => (parsed.ok ? [parsed.host] : []))

export const readHost: ReadHost = (text) => {
  const parsed = parseAllowedHost(text)
  return parsed.ok ? { ok: true, entry: entryOf(parsed.host) } : parsed
}
