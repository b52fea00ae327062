import { isIP } from 'node:net'
import { z } from 'zod'
import { isBranchName } from './branch.ts'
import { checksSchema } from './checks.ts'
import { defaultPolicy } from '../core/model/policy.ts'
import { defaultWord } from '../core/model/protected.ts'
import { limitsSchema } from './limits.ts'
import { outboundSettings } from './outbound.ts'
import { seconds } from './units.ts'

/** The release whose hooks, settings and screens `claude/` understands. The image contains it. */
export const claudeCodeVersion = '2.1.328'

const allowance = (of: string) =>
  z
    .strictObject({
      tokens: z
        .int()
        .positive()
        .optional()
        .describe(
          `Tokens of all kinds that ${of} may use. Then nothing new starts; what runs is finished.`,
        ),
      usd: z
        .number()
        .positive()
        .optional()
        .describe(`US dollars that ${of} may cost, as Claude Code estimates each request.`),
    })
    .optional()

/**
 * The settings of `orchestrator.json`. The descriptions are printed into README.md and into the
 * JSON Schema: run `npm run schema` after a change.
 */
export const settingsSchema = z.strictObject({
  $schema: z.string().optional().describe('Path of the JSON Schema, for completion in an editor.'),
  repositoryUrl: z
    .string()
    .min(1)
    .describe('Git repository: `https://`, `ssh://`, `git@host:path`, or a path on this machine.')
    .meta({ examples: ['https://github.com/org/repo.git'] }),
  branch: branchName()
    .default('main')
    .describe('Target branch: planning starts from it, and finished work is merged into it.'),
  workerCount: z
    .int()
    .min(1)
    .max(50)
    .describe('Number of Workers that build at the same time. The Manager is additional.')
    .meta({ examples: [3] }),
  claudeConfigs: z
    .string()
    .min(1)
    .describe(
      'Glob of credential files; `~` is your home, relative paths start in the config directory.',
    )
    .meta({ examples: ['~/claude-configs/*.json'] }),
  stateDirectory: z
    .string()
    .min(1)
    .default('state')
    .describe('Directory of the server’s persistent state; relative to the config directory.'),
  host: z
    .string()
    .refine((host) => host === 'localhost' || isIP(host) !== 0, 'is not an address of this machine')
    .default('127.0.0.1')
    .describe('Address of the operator’s HTTP interface. Use loopback, or put TLS in front.')
    .meta({ examples: ['127.0.0.1'] }),
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(7700)
    .describe('Port of the operator’s HTTP interface; 0 selects a free one.'),
  publicUrl: z
    .string()
    .refine(isOrigin, 'is not an http or https address without a path')
    .optional()
    .describe(
      'Address under which browsers reach the operator’s HTTP interface through a proxy; ' +
        'requests that name another address are refused.',
    )
    .meta({ examples: ['https://orchestrator.example.com'] }),
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Lowest level that is logged.'),
  runtime: z
    .enum(['docker', 'process'])
    .default('docker')
    .describe(
      '`docker`: instances run in hardened containers. `process`: they run without any boundary.',
    ),
  network: z
    .enum(['sealed', 'proxied', 'open'])
    .optional()
    .describe(
      '`sealed`, the default of containers: they have no network and reach the server, packages ' +
        'of npm and `allowHosts`. `proxied`: every public host as well. ' +
        '`open`: every address that this machine reaches.',
    ),
  allowHosts: z
    .array(z.string().min(1).max(320))
    .max(1_000)
    .default([])
    .describe(
      'Hosts that containers may reach without a network of their own: `example.com` and ' +
        '`*.example.com` mean the ports 80 and 443, `host:port` one port, all of public addresses; ' +
        '`10.0.0.5:4873` and `npm.corp:4873 in 10.0.0.0/8` also mean private ones.',
    )
    .meta({ examples: [['pypi.org'], ['npm.corp:4873 in 10.0.0.0/8']] }),
  npmRegistry: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Registry from which containers without a network install packages of npm, through the ' +
        'server and without publishing; not set: the one that npm on this machine uses.',
    )
    .meta({ examples: ['https://npm.example.com/'] }),
  ...outboundSettings,
  isolation: z
    .enum(['default', 'gvisor'])
    .default('default')
    .describe(
      '`gvisor`: containers run on a kernel in user space (the engine’s runtime `runsc`), so that ' +
        'a hole in this machine’s kernel is out of reach; refused when the engine lacks it.',
    ),
  image: z
    .string()
    .max(255)
    .regex(/^[a-z0-9][\w./:@-]*$/)
    .default(`claude-code-orchestrator-worker:${claudeCodeVersion}`)
    .describe('Image of the containers. Its tag is the pinned version of Claude Code in it.'),
  model: z
    .string()
    .max(100)
    .regex(/^[A-Za-z0-9][\w.:/@[\]-]*$/)
    .default('claude-opus-5-5')
    .describe(
      'Model of every instance. Always set: Claude Code’s default depends on the credential.',
    )
    .meta({ examples: ['claude-sonnet-5-5'] }),
  checks: checksSchema.prefault({}).describe('Checks that merged work must pass.'),
  publish: z
    .enum(['target', 'branch', 'none'])
    .default('target')
    .describe(
      'Where merged work is pushed: `target` branch, `publishBranch`, or nowhere. Never forced.',
    ),
  publishBranch: branchName()
    .optional()
    .describe('Branch for `"publish": "branch"`.')
    .meta({ examples: ['orchestrator/main'] }),
  protect: z
    .array(
      z
        .string()
        .max(1_000)
        .regex(/^[^!/]/, 'is not a glob of paths in the repository'),
    )
    .max(500)
    .default([defaultWord])
    .describe(
      'Globs of paths that a task changes only with your approval. `default` stands for files that ' +
        'run code or instruct agents; with any glob, links out of the repository and submodules ' +
        'count too. `[]` protects nothing.',
    )
    .meta({ examples: [['default', '**/package-lock.json']] }),
  authors: z
    .array(z.email())
    .max(1_000)
    .default([])
    .describe('E-mail addresses that commits of a Worker may name as their author, beside its own.')
    .meta({ examples: [['team@example.com']] }),
  plan: z
    .enum(['auto', 'approve'])
    .default(defaultPolicy.plan)
    .describe('`approve`: nothing of the plan starts before you approve it.'),
  context: z
    .enum(['fresh', 'same'])
    .default(defaultPolicy.context)
    .describe(
      '`fresh` clears a Worker’s conversation before each task. ' +
        '`same` keeps it: faster, and the Worker remembers more.',
    ),
  credentials: z
    .enum(['auto', 'file', 'gateway'])
    .default('auto')
    .describe(
      '`gateway`: the server adds the credential to each request; no instance sees it. ' +
        '`file`: an instance holds its credential, and a hostile worker can read several. ' +
        '`auto`: `gateway` for a pool of API keys and auth tokens, otherwise `file`.',
    ),
  allowOverage: z
    .boolean()
    .default(defaultPolicy.allowOverage)
    .describe(
      'Whether a subscription with a full window may continue as paid overage, ' +
        'instead of waiting for its reset.',
    ),
  budget: z
    .strictObject({ perTask: allowance('a task'), perRun: allowance('the whole run') })
    .default({})
    .describe('Limits of usage for each task and for the run.')
    .meta({ examples: [{ perRun: { usd: 50 } }] }),
  environment: z
    .record(z.string(), z.string().max(32_768))
    .default({})
    .describe(
      'Additional variables for every instance and its tools. No secrets: agents can read them.',
    )
    .meta({ examples: [{ CI: 'true' }] }),
  upstreamEverySeconds: z
    .int()
    .min(5)
    .max(86_400)
    .default(defaultPolicy.upstreamEveryMs / seconds)
    .describe('How often the server fetches from the origin.'),
  limits: limitsSchema.prefault({}).describe('Limits of time, attempts and resources.'),
})

export type Settings = z.output<typeof settingsSchema>

function branchName() {
  return z
    .string()
    .refine(isBranchName, 'is not a branch name that git accepts')
    .meta({ examples: ['main'] })
}

/** A scheme, a host and perhaps a port. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, href, origin } = new URL(text)
  return ['http:', 'https:'].includes(protocol) && [origin, `${origin}/`].includes(href)
}
