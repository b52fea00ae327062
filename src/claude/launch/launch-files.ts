import type { LaunchOrder } from '../../ports/instances.ts'
import { claudeArguments } from './arguments.ts'
import { argumentsFile, environmentFile, instanceEnvironment } from './environment.ts'
import { toolServer } from './permissions.ts'
import { credentialSettings, policySettings } from './settings.ts'
import { telemetrySettings } from './telemetry-settings.ts'
import type { Place } from './place.ts'

export interface Launching {
  readonly order: LaunchOrder
  readonly place: Place
  /** Only true when a conversation exists. */
  readonly resume: boolean
}

type Files = Readonly<Record<string, string>>

const policyFile = '10-policy.json'
export const credentialFile = '50-credential.json'

function policyOf(order: LaunchOrder, place: Place) {
  const policy = policySettings(order.role, place)
  if (!order.tellsUsage) return policy
  const { env, ...telemetry } = telemetrySettings(place.serverUrl, order.token)
  return { ...policy, ...telemetry, env: { ...policy.env, ...env } }
}

/** The drop-ins of a container's managed settings, which override those of a repository. */
export function managedSettings({ order, place }: Launching): Files {
  return {
    [policyFile]: json(policyOf(order, place)),
    [credentialFile]: credentialText(order.credentialEnvironment),
  }
}

export function credentialText(credential: Readonly<Record<string, string>>): string {
  return json(credentialSettings(credential))
}

/**
 * The settings file of a host-native instance, with policy and credential together: a host has only
 * one place for managed settings.
 */
export function userSettings({ order, place }: Launching): string {
  const policy = policyOf(order, place)
  return json({
    ...policy,
    env: { ...policy.env, ...credentialSettings(order.credentialEnvironment).env },
  })
}

/** Files that entrypoint and agent read once, at the start; `more` is added for the runtime. */
export function launchFiles(
  { order, place, resume }: Launching,
  more: { environment: Files; arguments: readonly string[] },
): Files {
  const mcpConfig = `${place.settings}/mcp.json`
  const words = claudeArguments({ role: order.role, model: place.model, mcpConfig, resume })
  return {
    environment: environmentFile({ ...instanceEnvironment(order, place), ...more.environment }),
    arguments: argumentsFile([...more.arguments, ...words]),
    'mcp.json': json(toolServers(place)),
  }
}

/**
 * The carrier, or a process of the instance, waits when the server is away. Without one, Claude
 * Code would soon disconnect the tools for good.
 */
function toolServers({ tools, carrier }: Pick<Place, 'tools' | 'carrier'>) {
  const server =
    carrier === null
      ? { type: 'stdio', command: `${tools}/mcp`, args: [] }
      : { type: 'http', url: `${carrier}/mcp` }
  return { mcpServers: { [toolServer]: { ...server, alwaysLoad: true } } }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
