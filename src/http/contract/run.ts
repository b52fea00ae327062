import { z } from 'zod'
import { time } from './time.ts'

/** How far one part of the target branch is in sync. */
export const syncView = z.object({
  phase: z.enum(['current', 'owed', 'running', 'failed']),
  reason: z.string().nullable(),
  /** Attempts since it was last in sync. */
  tries: z.number().int(),
})

export const runView = z.object({
  id: z.string(),
  phase: z.enum(['planning', 'awaiting-approval', 'executing', 'finishing', 'done', 'failed']),
  since: time,
  reason: z.string().nullable(),
  /** The commit at the head of the target branch in the hub. */
  head: z.string(),
  /** The task lists in the repository match the plan. */
  lists: syncView,
  /** The origin has the head of the hub. */
  publish: syncView,
  /** The hub has the head of the origin. */
  upstream: syncView,
  /** The Manager's final report. */
  report: z.string().nullable(),
  /** What a human must do; null when nothing. */
  needs: z.string().nullable(),
})

export type SyncView = z.infer<typeof syncView>
export type RunView = z.infer<typeof runView>
