import { z } from 'zod'
import { defaultPolicy, type Policy } from '../core/model/policy.ts'
import type { Allowance } from '../core/model/ledger.ts'

const seconds = 1_000
const minutes = 60 * seconds

export const limitsSchema = z.strictObject({
  memoryMb: z
    .int()
    .min(512)
    .max(1_048_576)
    .default(4096)
    .describe('Memory of one instance in MiB; what exceeds it is killed there.'),
  cpus: z.number().min(0.1).max(256).default(2).describe('Processor cores of one instance.'),
  pids: z
    .int()
    .min(64)
    .max(100_000)
    .default(1024)
    .describe('Processes and threads of one instance.'),
  instancesPerCredential: z
    .int()
    .min(1)
    .max(51)
    .default(defaultPolicy.instancesPerCredential)
    .describe('How many instances may share one credential at a time.'),
  reminders: z
    .int()
    .min(0)
    .max(10)
    .default(defaultPolicy.reminders)
    .describe(
      'Times a worker that stopped without a report is reminded before its task counts as blocked.',
    ),
  returns: z
    .int()
    .min(0)
    .max(10)
    .default(defaultPolicy.returns)
    .describe(
      'Times a conflict or a failed check goes back to the owner before the Manager must decide.',
    ),
  losses: z
    .int()
    .min(1)
    .max(100)
    .default(defaultPolicy.losses)
    .describe('Workers lost over one task in a row before the Manager must decide about it.'),
  startTimeoutSeconds: z
    .int()
    .min(5)
    .max(3600)
    .default(defaultPolicy.startTimeoutMs / seconds)
    .describe('From starting an instance to its first sign of life.'),
  promptTimeoutSeconds: z
    .int()
    .min(2)
    .max(600)
    .default(defaultPolicy.promptTimeoutMs / seconds)
    .describe('From sending a prompt to Claude Code’s confirmation.'),
  promptTries: z
    .int()
    .min(1)
    .max(20)
    .default(defaultPolicy.promptTries)
    .describe('Sendings of one prompt before the instance is started anew.'),
  silenceMinutes: z
    .number()
    .min(1)
    .max(1440)
    .default(defaultPolicy.silenceMs / minutes)
    .describe('A working instance that is silent for so long is looked at.'),
  backOffSeconds: z
    .number()
    .min(0.1)
    .max(3600)
    .default(defaultPolicy.backOffMs / seconds)
    .describe('First pause after a failure; it doubles.'),
  backOffCapSeconds: z
    .number()
    .min(0.1)
    .max(86_400)
    .default(defaultPolicy.backOffCapMs / seconds)
    .describe('The longest such pause.'),
  moveAtPercent: z
    .number()
    .min(1)
    .max(100)
    .default(defaultPolicy.moveAtPercent)
    .describe(
      'A credential of which so much of a usage window is used is left while another has room.',
    ),
  quarantineFailures: z
    .int()
    .min(1)
    .max(100)
    .default(defaultPolicy.quarantineFailures)
    .describe('So many failures within `quarantineWindowMinutes` take an instance out of service.'),
  quarantineWindowMinutes: z
    .number()
    .min(1)
    .max(1440)
    .default(defaultPolicy.quarantineWindowMs / minutes)
    .describe('The window for `quarantineFailures`.'),
})

export type Limits = z.output<typeof limitsSchema>

type Decided = Pick<Policy, 'workerCount' | 'plan' | 'context' | 'credentials' | 'allowOverage'> & {
  readonly upstreamEverySeconds: number
  readonly budget: BudgetSetting
}

interface AllowanceSetting {
  readonly tokens?: number | undefined
  readonly usd?: number | undefined
}

interface BudgetSetting {
  readonly perTask?: AllowanceSetting | undefined
  readonly perRun?: AllowanceSetting | undefined
}

function inMicros(allowance: AllowanceSetting | undefined): Allowance | undefined {
  if (allowance === undefined) return undefined
  return {
    tokens: allowance.tokens,
    costMicros: allowance.usd === undefined ? undefined : Math.round(allowance.usd * 1_000_000),
  }
}

/** The operator's units in, the core's milliseconds out. */
export function rulesFrom(
  { workerCount, plan, context, credentials, allowOverage, budget, upstreamEverySeconds }: Decided,
  limits: Limits,
): Policy {
  return {
    workerCount,
    plan,
    context,
    reminders: limits.reminders,
    returns: limits.returns,
    losses: limits.losses,
    budget: { perTask: inMicros(budget.perTask), perRun: inMicros(budget.perRun) },
    startTimeoutMs: limits.startTimeoutSeconds * seconds,
    startLookMs: defaultPolicy.startLookMs,
    credentials,
    allowOverage,
    moveAtPercent: limits.moveAtPercent,
    promptTimeoutMs: limits.promptTimeoutSeconds * seconds,
    promptTries: limits.promptTries,
    silenceMs: limits.silenceMinutes * minutes,
    backOffMs: limits.backOffSeconds * seconds,
    backOffCapMs: limits.backOffCapSeconds * seconds,
    quarantineFailures: limits.quarantineFailures,
    quarantineWindowMs: limits.quarantineWindowMinutes * minutes,
    upstreamEveryMs: upstreamEverySeconds * seconds,
    instancesPerCredential: limits.instancesPerCredential,
  }
}
