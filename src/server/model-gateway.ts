import type { FastifyPluginAsync } from 'fastify'
import type { CredentialId } from '../core/model/ids.ts'
import type { Dispatcher } from '../engine/dispatch/dispatcher.ts'
import type { LaunchTokens } from '../engine/commands/launch-tokens.ts'
import type { GatewayDeps, Secret } from '../gateway/deps.ts'
import { createGateway } from '../gateway/gateway.ts'
import { Standing } from '../gateway/standing.ts'
import { type Outbound, plainOutbound } from '../outbound/outbound.ts'
import type { Vault } from '../ports/vault.ts'

/** Where requests go when the credential's file names no other address. */
const providerUrl = 'https://api.anthropic.com'

export interface ModelGatewayOptions {
  readonly now: () => number
  /** Whether instances may use the model of this name. */
  readonly isAllowed: (model: string) => boolean
  /** Refuses what makes the provider reach out for an instance; for instances without a network. */
  readonly sealed?: boolean
  readonly outbound?: Outbound
}

/**
 * The gateway between instances and the model. It uses the credential that the instance leases, and
 * dispatches refusals, usage and usage windows as events.
 */
export function createModelGateway(
  dispatcher: Dispatcher,
  tokens: LaunchTokens,
  vault: Vault,
  { now, isAllowed, sealed = false, outbound = plainOutbound }: ModelGatewayOptions,
): FastifyPluginAsync {
  const standing = new Standing(now())
  // Until this change: an instance without work may have had some before.
  dispatcher.subscribe(({ before, entry }) => standing.note(before, entry.event.at))
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
    objectionTo({ instance }, model) {
      if (!isAllowed(model)) return `the model ${model} is not configured`
      return standing.objectionTo(dispatcher.state, instance, now())
    },
    sealed,
    outbound,
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
