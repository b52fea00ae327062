import { z } from 'zod'
import { time } from './time.ts'

export const taskView = z.object({
  id: z.string(),
  /** The line into which its work is merged. */
  line: z.string(),
  title: z.string(),
  /** What to do, of a task that waits for approval; otherwise null, since the list holds it. */
  body: z.string().nullable(),
  phase: z.enum([
    'proposed',
    'waiting',
    'queued',
    'assigned',
    'working',
    'reported',
    'merging',
    'merged',
    'done',
    'conflicted',
    'rejected',
    'blocked',
    'cancelled',
  ]),
  since: time,
  /** The worker whose list holds it. */
  assignee: z.string(),
  dependsOn: z.array(z.string()).readonly(),
  /** How many times a worker took it. */
  attempts: z.number().int(),
  /** The branch in the worker's workspace. */
  branch: z.string(),
  /** The merge commit of a merged task, otherwise the last commit that a worker reported. */
  commit: z.string().nullable(),
  progress: z.string().nullable(),
  summary: z.string().nullable(),
  /** The question of a blocked task, the reason of its phase, or why its work was returned. */
  reason: z.string().nullable(),
  /** What a human must do; null when nothing. */
  needs: z.string().nullable(),
})

/**
 * The body of an answer to a blocked task; `worker` is a number from 1, null keeps the assignee.
 * `replaces`: paths, or directories that end in a slash, in which the task may undo what others
 * changed since it began.
 */
export const taskAnswer = z.strictObject({
  answer: z.string().min(1).max(20_000),
  worker: z.number().int().positive().nullable().default(null),
  replaces: z.array(z.string().min(1).max(4_096)).max(500).default([]),
})

export const taskCancellation = z.strictObject({ reason: z.string().min(1).max(2_000) })

export type TaskView = z.infer<typeof taskView>
