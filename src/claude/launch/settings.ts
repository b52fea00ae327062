import { z } from 'zod'
import type { Role } from '../../core/model/instance.ts'
import { shellQuote } from '../../lib/shell.ts'
import { permissionsOf } from './permissions.ts'

/**
 * What no repository may change: managed settings win over a project's, name by name. An empty string is a pin: it keeps a project from
 * redirecting the API, or from answering for the credential, without doing so ourselves.
 */
export function policySettings(
  role: Role,
  tools: string,
  environment: Readonly<Record<string, string>>,
) {
  return {
    skipDangerousModePermissionPrompt: true,
    allowManagedHooksOnly: true,
    disableAllHooks: false,
    apiKeyHelper: '',
    statusLine: { type: 'command', command: shellQuote(`${tools}/status-line`), padding: 0 },
    permissions: permissionsOf(role),
    env: { ...pinned, ...switches, ...environment },
    hooks: Object.fromEntries(
      Object.entries(hookTimeouts).map(([event, timeout]) => [
        event,
        [
          {
            hooks: [
              { type: 'command', command: `${shellQuote(`${tools}/hook`)} ${event}`, timeout },
            ],
          },
        ],
      ]),
    ),
  }
}

/** Rotated alone while an instance runs. A name that were missing would keep its old value: the next key would go to the last one's address. */
export function credentialSettings(environment: Readonly<Record<string, string>>) {
  return { env: { ...noCredential, ...environment } }
}

/** Replaces the credential in a settings file that holds the policy as well; null when it cannot be read as one. */
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
 * Exactly the events that the server uses: one that the pinned version does not know opens a dialog at the start. Seconds; the hook itself
 * gives up after 2 when the server is away.
 */
const hookTimeouts = {
  SessionStart: 10,
  UserPromptSubmit: 10,
  Stop: 30,
  StopFailure: 10,
  Notification: 10,
  PermissionRequest: 10,
  SessionEnd: 5,
  ConfigChange: 10,
}

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
  /** A Stop before background subagents are done would be the normal case. */
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
  /** Otherwise our tools are only found through a search. */
  ENABLE_TOOL_SEARCH: 'false',
  /** The ninth answer of a Stop hook in a row would be overridden. */
  CLAUDE_CODE_STOP_HOOK_BLOCK_CAP: '0',
  /** The default of 10 keeps a used-up credential for three minutes. */
  CLAUDE_CODE_MAX_RETRIES: '3',
  /** Milliseconds. An agent that comes up while the server is away has its tools as soon as the server is back; the default gives up after 30 s. */
  MCP_TIMEOUT: '1800000',
  /** The server sends the prompt after a restart itself: the built-in one is not announced by a hook. */
  CLAUDE_CODE_RESUME_INTERRUPTED_TURN: '0',
}
