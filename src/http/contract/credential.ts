import { z } from 'zod'
import { time } from './time.ts'

/** The latest report on one usage window of a credential. */
export const usageWindowView = z.object({
  window: z.enum(['five-hour', 'weekly', 'unknown']),
  /** 0 to 100. */
  usedPercent: z.number(),
  resetsAt: time.nullable(),
  seenAt: time,
})

/** A credential of the pool, without its secret. */
export const credentialView = z.object({
  /** The name of its file without the extension. */
  id: z.string(),
  kind: z.string(),
  phase: z.enum(['fresh', 'leased', 'missing', 'cooling', 'rejected', 'spent', 'disabled']),
  since: time,
  /** The end of a cooldown; null in every other phase. */
  until: time.nullable(),
  reason: z.string().nullable(),
  /** How many instances may hold it at once. */
  capacity: z.number().int(),
  /** The instances that hold it. */
  leases: z.array(z.string()).readonly(),
  windows: z.array(usageWindowView).readonly(),
  /**
   * The instances that were given the secret, so that an agent in them could read it. `cause`: the
   * instance's `first` one; nothing but a `report` of the instance led to it; the `server` took its
   * own one for another reason; a `person` decided it. Empty with the gateway.
   */
  disclosures: z
    .array(
      z.object({
        instance: z.string(),
        at: time,
        cause: z.enum(['first', 'report', 'server', 'person']),
      }),
    )
    .readonly(),
  /** What a human must do; null when nothing. */
  needs: z.string().nullable(),
})

export const credentialList = z.object({ credentials: z.array(credentialView).readonly() })

export const credentialDisabling = z.strictObject({ reason: z.string().min(1).max(2_000) })

export type CredentialView = z.infer<typeof credentialView>
