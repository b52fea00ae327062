import type { FastifyPluginAsync } from 'fastify'
import type { CredentialId } from '../core/model/ids.ts'
import type { Dispatcher } from '../engine/dispatch/dispatcher.ts'
import type { LaunchTokens } from '../engine/commands/launch-tokens.ts'
import type { GatewayDeps, Secret } from '../gateway/deps.ts'
import { createGateway } from '../gateway/gateway.ts'
import type { Vault } from '../ports/vault.ts'

/** Where requests go when the credential's file names no other address. */
const providerUrl = 'https://api.anthropic.com'

/**
 * The gateway between instances and the model. It uses the credential that the instance leases, and
 * dispatches refusals, usage and usage windows as events.
 */
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
    onRefused(refusal) {
      dispatcher.dispatch({ type: 'gateway-refused', ...refusal })
      return leaseOf(refusal.instance)
    },
    onUsage: (usage) => dispatcher.enqueue({ type: 'usage-counted', ...usage }),
    // A write outage must not fail the answer, and the next answer repeats the window.
    onWindow: (window) => dispatcher.dispatchBestEffort({ type: 'window-seen', ...window }),
  })
}

/** The gateway sends no subscription tokens: they are for the unmodified Claude Code only. */
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
