import { z } from 'zod'
import { effective, type Evidence } from './evidence.ts'

const moved = z.object({ task: z.string(), from: z.string() })

const followed = z.object({
  type: z.literal('origin-followed'),
  replayed: z.array(moved.extend({ to: z.string() })),
  returned: z.array(moved),
  removed: z.array(moved),
})

/** A line that followed a history that a person rewrote. */
export interface Followed extends z.infer<typeof followed> {
  readonly sequence: number
}

export const followedIn = (evidence: Evidence): readonly Followed[] =>
  effective(evidence).flatMap(({ event, sequence }) => {
    const read = followed.safeParse(event)
    return read.success ? [{ ...read.data, sequence }] : []
  })

/** The merges that have to be on the target's line, with their tasks. */
export function mergesIn(evidence: Evidence): ReadonlyMap<string, string> {
  const merges = new Map<string, string>()
  for (const { event } of effective(evidence)) {
    if (event.merge !== undefined && event.task !== undefined) merges.set(event.merge, event.task)
    const read = followed.safeParse(event)
    if (!read.success) continue
    const { replayed, returned, removed } = read.data
    for (const { from } of [...replayed, ...returned, ...removed]) merges.delete(from)
    for (const { task, to } of replayed) merges.set(to, task)
  }
  return merges
}

/**
 * The report was made on a history that is gone, and its work has come again: replayed by the
 * server, or reported once more.
 */
export function isRedone(
  evidence: Evidence,
  report: { readonly task: string; readonly sequence: number },
): boolean {
  const { task, sequence } = report
  return followedIn(evidence).some(
    (each) =>
      each.sequence > sequence &&
      ([...each.replayed, ...each.returned].some((other) => other.task === task) ||
        isReportedAfter(evidence, task, each.sequence)),
  )
}

export const isReportedAfter = (evidence: Evidence, task: string, after: number): boolean =>
  effective(evidence).some(
    ({ event, sequence }) =>
      event.type === 'task-reported' && event.task === task && sequence > after,
  )

/** What the server gave up although no person took it away. */
export const droppedProblems = (
  evidence: Evidence,
  mayGo: ReadonlySet<string>,
): readonly string[] =>
  followedIn(evidence).flatMap(({ removed, sequence }) =>
    removed
      .filter(({ task }) => !mayGo.has(task) && !isOriginMerge(task))
      .map(
        ({ task }) => `the work of ${task} was given up (${sequence}), and no person removed it`,
      ),
  )

/** The server's task for a conflict with the origin, which may end without a merge of its own. */
export const isOriginMerge = (task: string): boolean => task.startsWith('merge-origin')
