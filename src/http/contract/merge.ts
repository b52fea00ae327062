import { z } from 'zod'
import { time } from './time.ts'

/** One entry of a line's merge queue, oldest first. */
export const mergeView = z.object({
  line: z.string(),
  task: z.string(),
  /** The reported commit. */
  commit: z.string(),
  phase: z.enum(['queued', 'trying', 'checking', 'failed']),
  since: time,
  reason: z.string().nullable(),
})

export type MergeView = z.infer<typeof mergeView>
