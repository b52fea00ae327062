import { isIP } from 'node:net'
import { z } from 'zod'
import { isBranchName } from './branch.ts'
import { limitsSchema } from './limits.ts'

/** The release whose hooks, settings and screens `claude/` understands; another one is another image. */
export const claudeCodeVersion = '2.1.328'

const checksSchema = z.strictObject({
  commands: z
    .array(z.string().trim().min(1).max(4096))
    .max(50)
    .default([])
    .describe(
      'Shell commands that must pass on the merged tree, one after the other, before the target branch moves.',
    )
    .meta({ examples: [['npm ci', 'npm test']] }),
  timeoutMinutes: z
    .number()
    .min(1)
    .max(240)
    .default(20)
    .describe('The time that all the commands have together.'),
})

const allowance = (of: string) =>
  z
    .strictObject({
      tokens: z
        .int()
        .positive()
        .optional()
        .describe(
          `Tokens of all kinds that ${of} may use; then nothing new is begun, and what runs is finished.`,
        ),
      usd: z
        .number()
        .positive()
        .optional()
        .describe(`US dollars that ${of} may cost, by what Claude Code says of each request.`),
    })
    .optional()

/** What `orchestrator.json` may say. Every description is also a line of the documentation and of the JSON Schema. */
export const settingsSchema = z.strictObject({
  $schema: z.string().optional().describe('Path of the JSON Schema, for completion in an editor.'),
  repositoryUrl: z
    .string()
    .min(1)
    .describe(
      'Git repository to work on: `https://`, `ssh://`, `git@host:path`, or a path on this machine.',
    )
    .meta({ examples: ['https://github.com/org/repo.git'] }),
  branch: branchName()
    .default('main')
    .describe('Target branch: it is planned from, and finished work is merged into it.'),
  workerCount: z
    .int()
    .min(1)
    .max(50)
    .describe('Workers that build at the same time. The Manager comes on top.')
    .meta({ examples: [3] }),
  claudeConfigs: z
    .string()
    .min(1)
    .describe(
      'Glob of credential files; `~` is your home, other relative paths start in the config directory.',
    )
    .meta({ examples: ['~/claude-configs/*.json'] }),
  stateDirectory: z
    .string()
    .min(1)
    .default('state')
    .describe(
      'Where the server keeps everything it must not forget; relative to the config directory.',
    ),
  host: z
    .string()
    .refine((host) => host === 'localhost' || isIP(host) !== 0, 'is not an address of this machine')
    .default('127.0.0.1')
    .describe('Address of the operator’s surface. Leave it on loopback, or put TLS in front.')
    .meta({ examples: ['127.0.0.1'] }),
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(7700)
    .describe('Port of the operator’s surface; 0 takes a free one.'),
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('The least important message that is logged.'),
  runtime: z
    .enum(['docker', 'process'])
    .default('docker')
    .describe(
      '`docker`: every instance in a hardened container. `process`: on this machine without any boundary.',
    ),
  image: z
    .string()
    .max(255)
    .regex(/^[a-z0-9][\w./:@-]*$/)
    .default(`claude-code-orchestrator-worker:${claudeCodeVersion}`)
    .describe(
      'Image of the containers. Its tag is the version of Claude Code in it, which is pinned.',
    ),
  model: z
    .string()
    .max(100)
    .regex(/^[A-Za-z0-9][\w.:/@[\]-]*$/)
    .default('claude-opus-5-5')
    .describe('Model of every instance. Without one it would change with the kind of credential.')
    .meta({ examples: ['claude-sonnet-5-5'] }),
  checks: checksSchema.prefault({}).describe('What merged work must pass.'),
  publish: z
    .enum(['target', 'branch', 'none'])
    .default('target')
    .describe(
      'Where the origin gets merged work: on the target branch, on `publishBranch`, or not at all. Never forced.',
    ),
  publishBranch: branchName()
    .optional()
    .describe('Branch for `"publish": "branch"`.')
    .meta({ examples: ['orchestrator/main'] }),
  plan: z
    .enum(['auto', 'approve'])
    .default('auto')
    .describe('`approve` waits for you before anything of the plan is executed.'),
  context: z
    .enum(['fresh', 'same'])
    .default('fresh')
    .describe(
      '`fresh` clears a worker’s conversation for each task; `same` keeps it, which hands over faster and remembers more.',
    ),
  credentials: z
    .enum(['file', 'gateway'])
    .default('file')
    .describe(
      '`file`: an instance holds its credential. `gateway`: the server adds it to each request, and no instance ever sees it.',
    ),
  allowOverage: z
    .boolean()
    .default(false)
    .describe(
      'Whether a subscription whose window is full may go on as paid overage, instead of resting until its reset.',
    ),
  budget: z
    .strictObject({ perTask: allowance('a task'), perRun: allowance('the whole run') })
    .default({})
    .describe('What tasks and the run may use.')
    .meta({ examples: [{ perRun: { usd: 50 } }] }),
  environment: z
    .record(z.string(), z.string().max(32_768))
    .default({})
    .describe(
      'More variables for every instance and its tools. No secrets: the agents can read them.',
    )
    .meta({ examples: [{ CI: 'true' }] }),
  upstreamEverySeconds: z
    .int()
    .min(5)
    .max(86_400)
    .default(60)
    .describe('How often the origin is asked for what others pushed.'),
  limits: limitsSchema.prefault({}).describe('Bounds of time, tries and resources.'),
})

export type Settings = z.output<typeof settingsSchema>

function branchName() {
  return z
    .string()
    .refine(isBranchName, 'is not a branch name that git accepts')
    .meta({ examples: ['main'] })
}
