import { z } from 'zod'
import { time } from './time.ts'

/** The state directory and its database. */
export const storeView = z.object({
  directory: z.string(),
  freeMiB: z.number(),
  /** The database cannot be written; null while it can. */
  standstill: z
    .object({
      reason: z.string(),
      since: time,
      /** Events in memory until they can be written. */
      waiting: z.number().int(),
      /** What the server and the instances do until then. */
      meanwhile: z.string(),
    })
    .nullable(),
  /** The newest copy of the database. */
  backup: z.object({ path: z.string(), at: time }).nullable(),
  /** Why the database cannot be copied; null while it can. */
  backupTrouble: z.object({ reason: z.string(), since: time }).nullable(),
  /** What a human must do; null when nothing. */
  needs: z.string().nullable(),
})

export type StoreView = z.infer<typeof storeView>
