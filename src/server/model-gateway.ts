import type { FastifyPluginAsync } from 'fastify'
import type { CredentialId } from '../core/model/ids.ts'
import type { Dispatcher } from '../engine/dispatch/dispatcher.ts'
import type { LaunchTokens } from '../engine/commands/launch-tokens.ts'
import type { GatewayDeps, Secret } from '../gateway/deps.ts'
import { createGateway } from '../gateway/gateway.ts'
import type { Vault } from '../ports/vault.ts'

/** Where requests go when the credential's file names no other address. */
const providerUrl = 'https://api.anthropic.com'

/** The gateway between instances and the model: what it is refused or told becomes facts, and leases say which credential it uses. */
export function createModelGateway(
  dispatcher: Dispatcher,
  tokens: LaunchTokens,
  vault: Vault,
  now: () => number,
): FastifyPluginAsync {
  const leaseOf: GatewayDeps['leaseOf'] = (instance) =>
    dispatcher.state.instances.get(instance)?.credential ?? null
  return createGateway({
    now,
    leaseOf,
    identify(token) {
      const caller = tokens.identify(token)
      if (caller === null) return null
      return dispatcher.state.instances.get(caller.instance)?.launch === caller.launch
        ? caller
        : 'older-launch'
    },
    secretOf: (credential) => secretOf(vault, credential),
    onRefused(refused) {
      dispatcher.dispatch({ type: 'gateway-refused', ...refused })
      return leaseOf(refused.instance)
    },
    onUsage: (used) => dispatcher.enqueue({ type: 'usage-counted', ...used }),
    // It comes before the answer, which must not be lost over it; the next answer tells it again.
    onWindow: (seen) => dispatcher.dispatchBestEffort({ type: 'window-seen', ...seen }),
  })
}

/** Subscription tokens are for the unmodified Claude Code alone, so the gateway does not send them. */
function secretOf(vault: Vault, credential: CredentialId): Secret | null {
  const {
    ANTHROPIC_API_KEY: key,
    ANTHROPIC_AUTH_TOKEN: token,
    ANTHROPIC_BASE_URL: address,
  } = vault.environmentOf(credential)
  const baseUrl = address ? address : providerUrl
  if (key) return { header: 'x-api-key', value: key, baseUrl }
  return token ? { header: 'authorization', value: token, baseUrl } : null
}
