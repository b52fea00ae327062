import type { Event } from '../../src/core/model/event.ts'
import type { State } from '../../src/core/model/state.ts'
import { isOver } from '../../src/core/model/task.ts'
import type { Change } from '../../src/engine/dispatch/dispatcher.ts'
import type { Violations } from './violation.ts'

type Of<Type extends Event['type']> = Extract<Event, { type: Type }>

/** What the server asks about work that its workers do not get done. */
const stuck = /without a report|in a row hung|were lost on this task/

/** A decision does what people want, and leaves to them what is theirs. */
export class Obedience {
  /**
   * How often the Manager answered such a question since a person last did. A cancelled task may be
   * planned again; its first attempt is another one.
   */
  readonly #answers = new Map<string, number>()

  check({ before, after, entry }: Change, violations: Violations): void {
    const { event, ignored } = entry
    if (ignored !== null) return
    if (event.type === 'plan-submitted' && after.policy.plan === 'approve')
      for (const { id } of event.tasks)
        if (!before.tasks.has(id) && after.tasks.get(id)?.phase.name !== 'proposed')
          violations.add('people are asked', `${id} may begin, and no person approved it`)
    if (event.type === 'lists-edited') checkTicks(event, after, violations)
    if (event.type === 'task-answered') this.#count(event, before, violations)
  }

  #count({ task: id, by }: Of<'task-answered'>, { tasks, policy }: State, violations: Violations) {
    const task = tasks.get(id)
    const name = `${id} ${task?.attempts[0]?.startedAt}`
    if (by === 'operator') this.#answers.delete(name)
    else if (task?.phase.name === 'blocked' && stuck.test(task.phase.question)) {
      const times = (this.#answers.get(name) ?? 0) + 1
      this.#answers.set(name, times)
      if (times > policy.rounds)
        violations.add('people are asked', `the Manager decided ${times} times about ${id}`)
    }
  }
}

/** What a human ticks is done, unless its merge is under way. */
function checkTicks(
  { edits }: Of<'lists-edited'>,
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
