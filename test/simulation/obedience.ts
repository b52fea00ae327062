import type { Event } from '../../src/core/model/event.ts'
import type { TaskId } from '../../src/core/model/ids.ts'
import type { State } from '../../src/core/model/state.ts'
import { isOver } from '../../src/core/model/task.ts'
import type { Change } from '../../src/engine/dispatch/dispatcher.ts'
import type { JournalEntry } from '../../src/ports/store.ts'
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
  #seen = 0

  check({ before, after, entry }: Change, violations: Violations): void {
    const { event, ignored } = entry
    this.#seen = entry.sequence
    if (ignored !== null) return
    if (event.type === 'plan-submitted' && after.policy.plan === 'approve')
      for (const { id } of event.tasks)
        if (!before.tasks.has(id) && after.tasks.get(id)?.phase.name !== 'proposed')
          violations.add('people are asked', `${id} may begin, and no person approved it`)
    if (event.type === 'lists-edited') checkTicks(event, after, violations)
    if (event.type === 'task-answered') this.#count(event, before, violations)
  }

  /** A person's answer that was stored when the server was killed is in the journal only. */
  recall(journal: readonly JournalEntry[]): void {
    for (const { sequence, event, ignored } of journal)
      if (sequence > this.#seen && ignored === null && event.type === 'task-answered')
        if (event.by === 'operator') this.#forget(event.task)
  }

  #forget(task: TaskId): void {
    for (const name of this.#answers.keys())
      if (name.startsWith(`${task} `)) this.#answers.delete(name)
  }

  #count({ task: id, by }: Of<'task-answered'>, { tasks, policy }: State, violations: Violations) {
    const task = tasks.get(id)
    const name = `${id} ${task?.attempts[0]?.startedAt}`
    if (by === 'operator') this.#forget(id)
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
