import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { credentialView } from '../../http/contract/credential.ts'
import { instanceView } from '../../http/contract/instance.ts'
import { runView } from '../../http/contract/run.ts'
import { lineView } from '../../http/contract/line.ts'
import { statusView } from '../../http/contract/status.ts'
import { taskView } from '../../http/contract/task.ts'

/** What a rehearsal reads of the status. */
const statusRead = z.object({
  run: runView.pick({ id: true, phase: true, reason: true, needs: true }),
  lines: z.array(
    lineView.pick({ id: true, lists: true, publish: true, upstream: true, rewrite: true }),
  ),
  instances: z.array(
    instanceView.pick({
      id: true,
      phase: true,
      until: true,
      launch: true,
      task: true,
      credential: true,
      needs: true,
    }),
  ),
  tasks: z.array(
    taskView.pick({
      id: true,
      phase: true,
      assignee: true,
      attempts: true,
      reason: true,
      needs: true,
    }),
  ),
  credentials: z.array(credentialView.pick({ id: true, phase: true, needs: true })),
  handoffs: statusView.shape.handoffs,
  terminals: statusView.shape.terminals,
})

export type Status = z.infer<typeof statusRead>
export type TaskStatus = Status['tasks'][number]

/** Null when the server does not answer; throws when the answer does not fit the contract. */
export async function fetchStatus(url: string, token: string): Promise<Status | null> {
  const response = await fetch(new URL('/status', url), {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(5_000),
  }).catch(() => null)
  // A server that dies while it answers counts as one that does not answer.
  const body: unknown = response?.ok ? await response.json().catch(() => null) : null
  return body === null ? null : statusRead.parse(body)
}

/** With the reader's token of a state directory; null also before the first start has made it. */
export async function fetchStatusOf(url: string, state: string): Promise<Status | null> {
  const token = await readFile(join(state, 'reader-token'), 'utf8').catch(() => null)
  return token === null ? null : fetchStatus(url, token.trim())
}

export const isMerged = ({ phase }: TaskStatus): boolean => phase === 'merged'

/** A run is over when it failed, or when it is done and its instances are stopped. */
export const isOver = ({ run, instances }: Status): boolean =>
  run.phase === 'failed' ||
  (run.phase === 'done' &&
    instances.every(({ phase }) => phase === 'stopped' || phase === 'absent'))
