import { z } from 'zod'

/** How far one part of a target branch is in sync. */
export const syncView = z.object({
  phase: z.enum(['current', 'owed', 'running', 'failed']),
  reason: z.string().nullable(),
  /** Attempts since it was last in sync. */
  tries: z.number().int(),
})

/** One branch of one repository into which the run merges. */
export const lineView = z.object({
  id: z.string(),
  /** The name of its repository; `main` where there is only one. */
  repository: z.string(),
  branch: z.string(),
  /** The commit at the head of the branch in the hub. */
  head: z.string(),
  /** The task lists on the branch match the plan. */
  lists: syncView,
  /** The origin has the head of the hub. */
  publish: syncView,
  /** The hub has the head of the origin. */
  upstream: syncView,
  /** Commits of the origin that conflict with the line, and the task that merges them. */
  conflict: z
    .object({ task: z.string(), commit: z.string(), paths: z.array(z.string()).readonly() })
    .nullable(),
  /** The origin's history was rewritten; nothing is pushed or merged until a person answers. */
  rewrite: z.object({ before: z.string(), after: z.string() }).nullable(),
})

/** What a person decides about a rewritten origin: `keep` merges both histories. */
export const rewriteAnswer = z.strictObject({ answer: z.enum(['keep']) })

export type SyncView = z.infer<typeof syncView>
export type LineView = z.infer<typeof lineView>
