import { z } from 'zod'
import { time } from './time.ts'

/** How far one part of a target branch is in sync. */
export const syncView = z.object({
  phase: z.enum(['current', 'owed', 'running', 'failed']),
  /** Why it failed last, also while something holds it; null when it runs again. */
  reason: z.string().nullable(),
  /** Attempts since it was last in sync. */
  tries: z.number().int(),
})

/** The checks that run on one commit of a line. */
export const runningCheckView = z.object({
  /** The task whose work is checked; null when it is the branch itself. */
  task: z.string().nullable(),
  commit: z.string(),
  /** The command that runs; null while the commit is checked out. */
  command: z.string().nullable(),
  /** When this command began. */
  since: time,
  /** When it last printed something; `since` before that. */
  lastOutputAt: time,
  /** About when the time limit ends it; the limit is for all commands together. */
  endsAt: time,
  /** The end of what the commands have printed, at most 1,000 characters. */
  output: z.string(),
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
  /** What the checks say of the branch itself, without the work of a task. */
  checks: syncView.extend({
    /** Null while it is unknown, or no checks are configured. */
    verdict: z.enum(['passed', 'failed']).nullable(),
    /** The commit that they looked at. */
    commit: z.string().nullable(),
    /** The check that fails, and the end of what it printed; null when they pass. */
    failure: z.object({ command: z.string(), output: z.string() }).nullable(),
    /** A person wants work merged that fails the same check, or a later one. */
    accepted: z.boolean(),
    /** Those that run now, on the work of tasks too; the longest-running first. */
    running: z.array(runningCheckView).readonly(),
  }),
  /** Commits of the origin that conflict with the line, and the task that merges them. */
  conflict: z
    .object({ task: z.string(), commit: z.string(), paths: z.array(z.string()).readonly() })
    .nullable(),
  /** The origin's history was rewritten; nothing is pushed or merged until a person answers. */
  rewrite: z.object({ before: z.string(), after: z.string() }).nullable(),
})

/**
 * What a person decides about a rewritten origin. `keep` merges both histories. `follow` moves the
 * line to the new one, with the run's work that the origin never had.
 */
export const rewriteAnswer = z.strictObject({ answer: z.enum(['keep', 'follow']) })

/**
 * What a person decides about checks that fail on the branch itself: `again` runs them now, `merge`
 * merges work that fails the same check, or a later one, until they pass.
 */
export const checksAnswer = z.strictObject({ answer: z.enum(['again', 'merge']) })

export type SyncView = z.infer<typeof syncView>
export type RunningCheckView = z.infer<typeof runningCheckView>
export type LineView = z.infer<typeof lineView>
