import { z } from 'zod'

/**
 * Sums over answered requests; tokens as the provider counts them, cost in millionths of a US
 * dollar.
 */
export const totals = z.object({
  requests: z.number().int(),
  inputTokens: z.number().int(),
  outputTokens: z.number().int(),
  cacheReadTokens: z.number().int(),
  cacheCreationTokens: z.number().int(),
  costMicros: z.number(),
})

const shares = z.record(z.string(), totals)

/** What the run used so far, in total and by task, instance, credential and model. */
export const usageView = z.object({
  /** `near` from 80 % of the run's budget on. */
  budget: z.enum(['within', 'near', 'exceeded']),
  run: totals,
  tasks: shares,
  instances: shares,
  credentials: shares,
  models: shares,
})

const figures = z.object({
  count: z.number().int(),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
})

/**
 * Milliseconds from a Stop hook to the next confirmed prompt, over the latest 1,000. `same`: the
 * hook's answer carried the prompt; `fresh`: it was typed after `/clear`; `typed`: it was typed
 * into the same conversation; `answer`: only the server's own part of `same`.
 */
export const handoffsView = z.object({
  same: figures,
  fresh: figures,
  typed: figures,
  answer: figures,
})
