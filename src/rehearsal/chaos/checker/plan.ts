import { z } from 'zod'
import { effective, type Evidence, type Task } from './evidence.ts'
import { followedIn, isOriginMerge } from './followed.ts'

/**
 * Every task ends merged, once, after those that it depends on; or done, because a person built and
 * ticked it.
 */
export function planProblems(evidence: Evidence, byHand: ReadonlySet<string>): readonly string[] {
  return [...unmerged(evidence, byHand), ...outOfOrder(evidence), ...mergedTwice(evidence)]
}

function unmerged({ tasks, run }: Evidence, byHand: ReadonlySet<string>): readonly string[] {
  const mayBeDone = (id: string): boolean => byHand.has(id) || isOriginMerge(id)
  const hasEnded = ({ id, phase }: Task): boolean =>
    phase.name === 'merged' || (phase.name === 'done' && mayBeDone(id))
  const open = tasks
    .filter((task) => !hasEnded(task))
    .map(({ id, phase }) => `${id} is ${phase.name}${saidOf(phase)}`)
  return run.phase.name === 'done'
    ? open
    : [`the run is ${run.phase.name}${saidOf(run.phase)}`, ...open]
}

const saidOf = (phase: Readonly<Record<string, unknown>>): string => {
  const said = phase['reason'] ?? phase['question']
  return typeof said === 'string' ? `: ${said}` : ''
}

function outOfOrder(evidence: Evidence): readonly string[] {
  const rows = effective(evidence)
  const firstAt = (type: string, task: string) =>
    rows.find(({ event }) => event.type === type && event.task === task)?.sequence
  return evidence.tasks.flatMap(({ id, dependsOn }) => {
    const begun = firstAt('brief-fetched', id)
    if (begun === undefined) return []
    return dependsOn.flatMap((other) => {
      const merged = firstAt('merge-landed', other) ?? tickedAt(evidence, other)
      return merged !== undefined && merged < begun
        ? []
        : [`${id} was begun before ${other} was merged`]
    })
  })
}

/** When the server took in that a person ticked the task. */
const tickedAt = (evidence: Evidence, task: string): number | undefined =>
  effective(evidence).find(({ event }) => {
    const read = tickedEdits.safeParse(event)
    return (
      read.success && read.data.edits.some((edit) => edit.type === 'ticked' && edit.task === task)
    )
  })?.sequence

const tickedEdits = z.object({
  type: z.literal('lists-edited'),
  edits: z.array(z.looseObject({ type: z.string(), task: z.unknown() })),
})

function mergedTwice(evidence: Evidence): readonly string[] {
  const landed = Map.groupBy(
    effective(evidence).filter(({ event }) => event.type === 'merge-landed'),
    ({ event }) => event.task ?? '',
  )
  return [...landed].flatMap(([task, rows]) =>
    rows.length <= 1 + returnsOf(evidence, task) ? [] : [`${task} landed ${rows.length} times`],
  )
}

/** How often merged work did not fit a history that a person made, and went back to its worker. */
const returnsOf = (evidence: Evidence, id: string): number =>
  followedIn(evidence).filter(({ returned }) => returned.some(({ task }) => task === id)).length
