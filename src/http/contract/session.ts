import { z } from 'zod'
import { time } from './time.ts'

/** The text of `operator-token` or of `reader-token`; white space around it does not count. */
export const sessionOpening = z.strictObject({ token: z.string().trim().min(1).max(1024) })

export const sessionView = z.object({
  role: z.enum(['reader', 'operator']),
  /** When the cookie ends unless it is used before; null for a token, which does not end. */
  expiresAt: time.nullable(),
})
