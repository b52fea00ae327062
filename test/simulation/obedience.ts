import type { Event } from '../../src/core/model/event.ts'
import type { State } from '../../src/core/model/state.ts'
import { isOver } from '../../src/core/model/task.ts'
import type { Change } from '../../src/engine/dispatch/dispatcher.ts'
import type { Violations } from './violation.ts'

/** A decision does what people want, and leaves to them what is theirs. */
export function checkObedience({ before, after, entry }: Change, violations: Violations): void {
  const { event, ignored } = entry
  if (ignored !== null) return
  if (event.type === 'plan-submitted' && after.policy.plan === 'approve')
    for (const { id } of event.tasks)
      if (!before.tasks.has(id) && after.tasks.get(id)?.phase.name !== 'proposed')
        violations.add('people are asked', `${id} may begin, and no person approved it`)
  if (event.type === 'lists-edited') checkTicks(event, after, violations)
}

/** What a human ticks is done, unless its merge is under way. */
function checkTicks(
  { edits }: Extract<Event, { type: 'lists-edited' }>,
  { tasks, merges }: State,
  violations: Violations,
): void {
  for (const edit of edits) {
    const task = edit.type === 'ticked' ? tasks.get(edit.task) : undefined
    if (task === undefined || isOver(task.phase)) continue
    if (!merges.some((merge) => merge.task === task.id))
      violations.add('people are obeyed', `${task.id} was ticked, and it is ${task.phase.name}`)
  }
}
