import { z } from 'zod'
import type { Role } from '../../core/model/roles.ts'
import { shellQuote } from '../../lib/shell.ts'
import { networkVariables } from './network-variables.ts'
import { permissionsOf } from './permissions.ts'
import type { Place } from './place.ts'

/**
 * The settings of an instance. No other file of settings is read (setting-sources.ts). As a second
 * defence an empty string pins a name without setting it: managed settings override others, name by
 * name.
 */
export function policySettings(
  role: Role,
  {
    tools,
    carrier,
    environment,
    network,
    outward,
  }: Pick<Place, 'tools' | 'carrier' | 'environment' | 'network' | 'outward'>,
) {
  return {
    skipDangerousModePermissionPrompt: true,
    allowManagedHooksOnly: true,
    disableAllHooks: false,
    apiKeyHelper: '',
    // Read by the shell that Claude Code starts for it, which spares a process after every message.
    statusLine: {
      type: 'command',
      command: `tools=${shellQuote(tools)}; . "$tools/status-line"`,
      padding: 0,
    },
    permissions: permissionsOf(role),
    env: { ...pinned, ...outward, ...networkVariables(network), ...switches, ...environment },
    hooks: hooksOf({ tools, carrier }),
  }
}

function hooksOf({ tools, carrier }: Pick<Place, 'tools' | 'carrier'>) {
  const command = (tool: string, event: string) => ({
    type: 'command',
    command: `${shellQuote(`${tools}/${tool}`)} ${event}`,
  })
  const hookFor = (event: string) => {
    if (carrier === null) return command('hook', event)
    if (forCommandsOnly.includes(event)) return command('spool', event)
    return { type: 'http', url: `${carrier}/hooks/${event}` }
  }
  return Object.fromEntries(
    Object.entries(hookTimeouts).map(([event, timeout]) => [
      event,
      [{ hooks: [{ ...hookFor(event), timeout }] }],
    ]),
  )
}

/**
 * Rotated alone while an instance runs. All names are set, because a missing one keeps its old
 * value: a key would go to the address of the key before it.
 */
export function credentialSettings(environment: Readonly<Record<string, string>>) {
  return { env: { ...noCredential, ...environment } }
}

/** Replaces the credential in a file that also holds the policy; null for an unreadable file. */
export function withCredential(
  settings: string,
  environment: Readonly<Record<string, string>>,
): string | null {
  try {
    const parsed = settingsShape.parse(JSON.parse(settings))
    return JSON.stringify(
      { ...parsed, env: { ...parsed.env, ...credentialSettings(environment).env } },
      null,
      2,
    )
  } catch {
    return null
  }
}

const settingsShape = z.looseObject({ env: z.record(z.string(), z.string()) })

const noCredential = {
  ANTHROPIC_BASE_URL: '',
  ANTHROPIC_API_KEY: '',
  ANTHROPIC_AUTH_TOKEN: '',
  ANTHROPIC_CUSTOM_HEADERS: '',
  CLAUDE_CODE_OAUTH_TOKEN: '',
}

/**
 * The events that the server uses, with their timeouts in seconds. An event that the pinned version
 * does not know opens a dialog at the start. The hook itself gives up after 2 s without a server.
 */
const hookTimeouts = {
  SessionStart: 10,
  UserPromptSubmit: 10,
  Stop: 30,
  StopFailure: 10,
  Notification: 10,
  PermissionRequest: 10,
  ConfigChange: 10,
}

/** Claude Code 2.1.328 never posts them. */
const forCommandsOnly = ['SessionStart']

const pinned = {
  ANTHROPIC_UNIX_SOCKET: '',
  CLAUDE_CODE_USE_BEDROCK: '',
  CLAUDE_CODE_USE_VERTEX: '',
  CLAUDE_CODE_USE_FOUNDRY: '',
  HTTP_PROXY: '',
  HTTPS_PROXY: '',
  http_proxy: '',
  https_proxy: '',
  NODE_EXTRA_CA_CERTS: '',
  NODE_TLS_REJECT_UNAUTHORIZED: '',
}

const switches = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL: '1',
  DISABLE_AUTOUPDATER: '1',
  CLAUDE_CODE_DISABLE_AGENT_VIEW: '1',
  CLAUDE_CODE_DISABLE_TERMINAL_TITLE: '1',
  CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY: '1',
  CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
  /** With background tasks, a Stop would usually come before background subagents are done. */
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
  /** Otherwise the model finds our tools only through a search. */
  ENABLE_TOOL_SEARCH: 'false',
  /** No cap: by default the ninth answer of a Stop hook in a row is overridden. */
  CLAUDE_CODE_STOP_HOOK_BLOCK_CAP: '0',
  /** The default of 10 keeps an instance on a used-up credential for three minutes. */
  CLAUDE_CODE_MAX_RETRIES: '3',
  /**
   * Milliseconds. An agent that starts during an outage of the server gets its tools as soon as the
   * server is back; by default it gives up after 30 s.
   */
  MCP_TIMEOUT: '1800000',
  /** The server itself sends the prompt after a restart: no hook announces the built-in one. */
  CLAUDE_CODE_RESUME_INTERRUPTED_TURN: '0',
}
