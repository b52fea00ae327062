import { z } from 'zod'

/** Answered with 200 when `ok`, otherwise with 503. */
export const healthView = z.object({
  ok: z.boolean(),
  /** What keeps the server from its work now, as sentences. */
  troubles: z.array(z.string()).readonly(),
  /** What will keep it from its work unless a human acts, as sentences. */
  warnings: z.array(z.string()).readonly(),
  version: z.string(),
  uptimeSeconds: z.number().int(),
})

export const versionView = z.object({
  version: z.string(),
  /** The version of Claude Code that the server is made for. */
  claudeCode: z.string(),
  node: z.string(),
})
