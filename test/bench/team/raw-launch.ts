import { z } from 'zod'
import { inside } from '../../../src/adapters/docker/template.ts'
import { claudeArguments } from '../../../src/claude/launch/arguments.ts'
import { managedSettings } from '../../../src/claude/launch/launch-files.ts'
import type { Place } from '../../../src/claude/launch/place.ts'
import { noSettingsOf } from '../../../src/claude/launch/setting-sources.ts'
import { anOrder } from '../../support/runtime-stage.ts'

const policy = z.looseObject({ hooks: z.unknown().optional(), statusLine: z.unknown().optional() })

interface RawLaunch {
  readonly model: string
  readonly credential: Readonly<Record<string, string>>
  /** Where the hooks go; null for none, as with `claude -p`. */
  readonly urlOf: ((event: string) => string) | null
}

/**
 * What Claude Code is given without the orchestrator: the product's own settings, arguments and
 * variables, without the status line, the tools and the scripts. Made by the product's code, so
 * that the two cannot drift apart.
 */
export function rawLaunch({ model, credential, urlOf }: RawLaunch) {
  const place: Place = {
    serverUrl: 'http://127.0.0.1:9',
    network: null,
    outward: {},
    hub: inside.hub,
    workspace: inside.workspace,
    outbox: `${inside.home}/.orchestrator/outbox`,
    tools: inside.tools,
    carrier: null,
    settings: inside.settings,
    targetBranch: 'main',
    model,
    environment: {},
  }
  const sources = noSettingsOf(place.workspace, [])
  const order = anOrder({ credentialEnvironment: credential })
  const files = Object.entries(managedSettings({ order, place, resume: false }))
  const words = claudeArguments({ role: 'worker', model, mcpConfig: '-', resume: false })
  return {
    settings: Object.fromEntries(
      files.map(([name, text]) => {
        const parsed = policy.parse(JSON.parse(text))
        if (parsed.hooks === undefined) return [name, text]
        const { statusLine: _, ...rest } = parsed
        return [name, JSON.stringify({ ...rest, hooks: urlOf === null ? {} : hooksTo(urlOf) })]
      }),
    ),
    variables: sources.environment,
    arguments: [
      ...sources.arguments,
      ...words.filter((word) => !['--mcp-config', '-'].includes(word)),
    ],
  }
}

/**
 * Claude Code posts hooks by itself, but not SessionStart. Timeouts in seconds, as the product's.
 */
function hooksTo(urlOf: (event: string) => string) {
  const start = `curl -q -s -m 5 -o /dev/null --data-binary @- ${urlOf('SessionStart')}`
  const posted = (event: string, timeout: number) => [
    { hooks: [{ type: 'http', url: urlOf(event), timeout }] },
  ]
  return {
    SessionStart: [{ hooks: [{ type: 'command', command: start, timeout: 10 }] }],
    UserPromptSubmit: posted('UserPromptSubmit', 10),
    Stop: posted('Stop', 30),
  }
}
