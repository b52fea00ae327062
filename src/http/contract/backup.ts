import { z } from 'zod'
import { time } from './time.ts'

/** Work of a worker that was saved before it could be lost. */
export const backupView = z.object({
  /** `<instance>/<task>/<number>` */
  id: z.string(),
  instance: z.string(),
  task: z.string(),
  phase: z.enum(['saving', 'failed', 'unsaved', 'saved', 'deleted', 'forgetting']),
  since: time,
  /**
   * When it is tried again (`failed`) or removed for good (`deleted`); null in every other phase.
   */
  until: time.nullable(),
  /** Why the work was saved. */
  reason: z.string(),
  /** Why it could not be saved. */
  problem: z.string().nullable(),
  /** The ref in the repository of the list. */
  ref: z.string(),
  commit: z.string().nullable(),
  /** The shell command that shows the saved commits. */
  show: z.string(),
})

export const backupList = z.object({
  /**
   * The path of the repository that holds the refs: not the hub itself, which instances read, but
   * the one beside it. The name is that of version 1 of the interface.
   */
  hub: z.string(),
  /** Oldest first. */
  backups: z.array(backupView).readonly(),
})

/** How many there are by phase: `saving` includes `failed`, `deleted` includes `forgetting`. */
export const backupCounts = z.object({
  saved: z.number().int(),
  saving: z.number().int(),
  unsaved: z.number().int(),
  deleted: z.number().int(),
})

export type BackupView = z.infer<typeof backupView>
export type BackupCounts = z.infer<typeof backupCounts>
