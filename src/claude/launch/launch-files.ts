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
  const policy = policySettings(order.role, place.tools, place.environment)
  if (!order.tellsUsage) return policy
  const { env, ...telemetry } = telemetrySettings(place.serverUrl, order.token)
  return { ...policy, ...telemetry, env: { ...policy.env, ...env } }
}

/** The drop-ins of a container's managed settings: what wins over anything that a repository brings. */
export function managedSettings({ order, place }: Launching): Files {
  return {
    [policyFile]: json(policyOf(order, place)),
    [credentialFile]: credentialText(order.credentialEnvironment),
  }
}

export function credentialText(credential: Readonly<Record<string, string>>): string {
  return json(credentialSettings(credential))
}

/** A host-native instance's one settings file, policy and credential together: a host has only one place for managed settings. */
export function userSettings({ order, place }: Launching): string {
  const policy = policyOf(order, place)
  return json({
    ...policy,
    env: { ...policy.env, ...credentialSettings(order.credentialEnvironment).env },
  })
}

/** What the entrypoint and the agent read once, at their start; `more` is what the place needs beside. */
export function launchFiles(
  { order, place, resume }: Launching,
  more: { environment: Files; arguments: readonly string[] },
): Files {
  const mcpConfig = `${place.settings}/mcp.json`
  const words = claudeArguments({ role: order.role, model: place.model, mcpConfig, resume })
  return {
    environment: environmentFile({ ...instanceEnvironment(order, place), ...more.environment }),
    arguments: argumentsFile([...more.arguments, ...words]),
    'mcp.json': json(toolServers(place.tools)),
  }
}

/** Over HTTP, Claude Code would give the tools up for good soon after a call that met no server: a process of the instance waits instead. */
function toolServers(tools: string) {
  return {
    mcpServers: {
      [toolServer]: { type: 'stdio', command: `${tools}/mcp`, args: [], alwaysLoad: true },
    },
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
