import { z } from 'zod'
import { time } from './time.ts'

/** One entry of a line's merge queue, oldest first. */
export const mergeView = z.object({
  line: z.string(),
  task: z.string(),
  /** The reported commit. */
  commit: z.string(),
  phase: z.enum(['queued', 'trying', 'checking', 'held', 'failed']),
  since: time,
  reason: z.string().nullable(),
  /** What it changes in protected paths, while that waits for an answer; otherwise null. */
  protected: z
    .object({
      /** Names exactly this change; an answer repeats it. */
      content: z.string(),
      /** The first ones. */
      paths: z.array(z.string()).readonly(),
      /** How many there are in all. */
      count: z.number().int(),
      /** What was merged with the work, and the result, as commits of the hub. */
      base: z.string(),
      candidate: z.string(),
    })
    .nullable(),
  /** What a human must do; null when nothing. */
  needs: z.string().nullable(),
})

/**
 * What a person decides about a change of protected paths, named by its `content`: `merge` lets
 * exactly that change in; `return` gives the work back to its worker, with the reason.
 */
export const protectedAnswer = z.strictObject({
  answer: z.enum(['merge', 'return']),
  content: z.string().min(1).max(1_000_000),
  reason: z.string().max(2_000).default(''),
})

export type MergeView = z.infer<typeof mergeView>
