import { z } from 'zod'
import { defaultPolicy, type Policy } from '../../../core/model/policy.ts'
import { exactly } from './exactly.ts'

const allowance = z.strictObject({
  tokens: z.number().optional(),
  costMicros: z.number().optional(),
})

/**
 * The policy of the last start. It only counts until the next start replaces it by the
 * configuration, so a setting that this server does not know is left out.
 */
export const policy = exactly<Policy>()(
  z.object({
    workerCount: z.number(),
    plan: z.enum(['auto', 'approve']),
    context: z.enum(['fresh', 'same']),
    reminders: z.number(),
    returns: z.number(),
    rounds: z.number(),
    losses: z.number(),
    startTimeoutMs: z.number(),
    startsAtOnce: z.number().default(defaultPolicy.startsAtOnce),
    startLookMs: z.number(),
    promptTimeoutMs: z.number(),
    promptTries: z.number(),
    silenceMs: z.number(),
    busyMs: z.number(),
    backOffMs: z.number(),
    backOffCapMs: z.number(),
    quarantineFailures: z.number(),
    quarantineWindowMs: z.number(),
    checks: z.array(z.string()),
    checksTimeoutMs: z.number(),
    upstreamEveryMs: z.number(),
    credentials: z.enum(['file', 'gateway']),
    allowOverage: z.boolean(),
    moveAtPercent: z.number(),
    budget: z.strictObject({ perTask: allowance.optional(), perRun: allowance.optional() }),
    instancesPerCredential: z.number(),
  }),
)
