import { z } from 'zod'

const figures = z.object({
  count: z.number(),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
})

/** What a rehearsal reads of the status document. */
const statusDocument = z.object({
  run: z.object({
    id: z.string(),
    phase: z.string(),
    reason: z.string().nullable(),
    needs: z.string().nullish(),
  }),
  instances: z.array(
    z.object({
      id: z.string(),
      phase: z.string(),
      until: z.string().nullable().default(null),
      launch: z.number(),
      task: z.string().nullable(),
      credential: z.string().nullable().default(null),
      needs: z.string().nullable(),
    }),
  ),
  tasks: z.array(
    z.object({
      id: z.string(),
      phase: z.string(),
      assignee: z.string().nullable(),
      attempts: z.number(),
      reason: z.string().nullable(),
      needs: z.string().nullish(),
    }),
  ),
  credentials: z.array(
    z.object({ id: z.string(), phase: z.string(), needs: z.string().nullable() }),
  ),
  /** By the way in which the next prompt travelled. */
  handoffs: z.record(z.string(), figures),
  terminals: z.object({ socket: z.string() }),
})

export type Status = z.infer<typeof statusDocument>
export type TaskStatus = Status['tasks'][number]

/** Null when the server does not answer; throws when the answer is not the document that we know. */
export async function fetchStatus(url: string): Promise<Status | null> {
  const response = await fetch(new URL('/status', url), {
    signal: AbortSignal.timeout(5_000),
  }).catch(() => null)
  // A server that dies while it answers is not there either.
  const body: unknown = response?.ok ? await response.json().catch(() => null) : null
  return body === null ? null : statusDocument.parse(body)
}

export const isMerged = ({ phase }: TaskStatus): boolean => phase === 'merged'

/** A run that is done has stopped its instances, too. */
export const isOver = ({ run, instances }: Status): boolean =>
  run.phase === 'failed' ||
  (run.phase === 'done' &&
    instances.every(({ phase }) => phase === 'stopped' || phase === 'absent'))
