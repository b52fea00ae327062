import { z } from 'zod'

/** The body of every answer with a status of 4xx or 5xx, except that of `/readyz` and `/health`. */
export const refusal = z.object({
  /** One sentence or, for a body that does not fit its schema, one line per problem. */
  error: z.string(),
})

/**
 * The request changed the state. A request that changes nothing is refused with 409 and the reason.
 */
export const done = z.object({ ok: z.literal(true) })

export type Done = z.infer<typeof done>
