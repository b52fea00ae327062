import type { Draft } from '../model/draft.ts'
import type { Merge } from '../model/merge.ts'
import { applied, ignored, type Outcome } from '../model/outcome.ts'
import type { TaskEvent } from '../model/plan-event.ts'
import type { ProtectedWork } from '../model/protected.ts'
import { isRunOver } from '../model/run.ts'
import { returnToOwner } from './returned-work.ts'

/** The work waits for a person; the merges behind it pass by. */
export function holdForAnswer(draft: Draft, { task }: Merge, work: ProtectedWork): void {
  const what = work.count === 1 ? 'a protected path' : `${work.count} protected paths`
  const reason = `the work changes ${what}, which needs your answer`
  draft.enterMerge(task, { name: 'held', reason, waitsFor: { kind: 'answer', work } })
}

/** What a merge shows a person and waits for; null when it waits for no answer. */
export const workToAnswer = ({ phase }: Merge): ProtectedWork | null =>
  phase.name === 'held' && phase.waitsFor.kind === 'answer' ? phase.waitsFor.work : null

/**
 * The answer counts for the content that it names, in the reported commit. Another content, because
 * the target moved, or another commit waits for an answer of its own.
 */
export function answerProtected(
  draft: Draft,
  { task, content, answer, reason }: Extract<TaskEvent, { type: 'protected-answered' }>,
): Outcome {
  if (isRunOver(draft.state.run)) return ignored('the run is over')
  const merge = draft.state.merges.find((each) => each.task === task)
  const work = merge === undefined ? null : workToAnswer(merge)
  if (work === null)
    return ignored(`task ${task} does not wait for an answer about protected paths`)
  if (work.content !== content)
    return ignored(
      `the answer is about another version of the work of task ${task}: look at it again`,
    )
  if (answer === 'merge') {
    draft.setMerge(task, { approved: content })
    draft.enterMerge(task, { name: 'queued' })
  } else {
    draft.removeMerge(task)
    returnToOwner(draft, task, { kind: 'protected', paths: work.paths, reason })
  }
  return applied
}

/** The setting `protect` is another one: the next try finds out what waits. */
export function releaseProtected(draft: Draft): void {
  for (const merge of draft.state.merges)
    if (workToAnswer(merge) !== null) draft.enterMerge(merge.task, { name: 'queued' })
}
