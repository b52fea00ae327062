import type { Event } from '../../src/core/model/event.ts'
import type { Commit, LineId, TaskId } from '../../src/core/model/ids.ts'
import type { Task } from '../../src/core/model/task.ts'
import type { State } from '../../src/core/model/state.ts'
import { renderTaskLists } from '../../src/core/text/task-list.ts'
import type { JournalEntry } from '../../src/ports/store.ts'
import type { FakeRepository } from '../fakes/repository.ts'
import type { Violations } from './violation.ts'

export interface Ending {
  readonly state: State
  /** The line that is checked. */
  readonly line: LineId
  readonly journal: readonly JournalEntry[]
  readonly repository: FakeRepository
  readonly head: Commit
  /** The reports that were acknowledged to workers. */
  readonly reports: readonly { readonly task: TaskId; readonly commit: Commit }[]
}

/** What must be true once nothing moves any more. */
export async function checkEnding(ending: Ending, violations: Violations): Promise<void> {
  const { state, line, journal, repository, head, reports } = ending
  checkEffects(journal, violations)
  if (state.run.notices.some(({ kind }) => kind === 'direction'))
    violations.add('people are answered', 'the run ended before the Manager saw the new direction')
  await checkOutside(ending, violations)
  for (const { task, commit } of reports) {
    const isThere =
      repository.contains(head, commit) ||
      repository.isRewritten(commit) ||
      repository.isFormer(commit)
    if (state.tasks.get(task)?.phase.name === 'merged' && !isThere)
      violations.add(
        'merged is on the target',
        `the acknowledged ${commit} of ${task} is not there`,
      )
  }
  for (const path of repository.undoneOn(head))
    violations.add('merged is not undone', `a merge took ${path} back`)
  const merges = repository.mergesOn(head)
  const excused = excusedBy(journal)
  for (const { id, phase } of tasksOf(state, line)) {
    const count = merges.get(id) ?? 0
    if (count > 1) violations.add('merged once', `${id} was merged ${count} times`)
    const isGone = phase.name === 'merged' && repository.isGone(phase.commit)
    if (phase.name === 'merged' && !isGone && !repository.contains(head, phase.commit))
      violations.add('merged is on the target', `the merge of ${id} is not there`)
    if (phase.name !== 'merged' && count > 0)
      violations.add('merged once', `${id} is on the target, and it is ${phase.name}`)
    // The merge of what others pushed is moot once the origin has it.
    const isMoot = id.startsWith('merge-origin') && phase.name === 'cancelled'
    if (
      phase.name !== 'merged' &&
      phase.name !== 'done' &&
      !isMoot &&
      !isExcused(id, state, excused)
    )
      violations.add('the run ends', `${id} ended ${phase.name}`)
  }
}

/** The origin of a run that is done has everything, unless a human ended the run without that. */
async function checkOutside(
  { state, line, repository, head, journal }: Ending,
  violations: Violations,
): Promise<void> {
  const found = state.lines.get(line)
  if (found === undefined) throw new Error(`there is no line ${line}`)
  const { publish, lists, branch } = found
  const isAccepted = journal.some(
    ({ event, ignored }) => event.type === 'run-accepted' && ignored === null,
  )
  // The commit of lists that hung as the run was accepted is not awaited.
  if (isAccepted && (publish.name !== 'current' || lists.name !== 'current')) return
  // Taken back by a human since the last fetch, perhaps after the end of the run.
  if (repository.isOriginRewritten) return
  const there = repository.originHead(branch)
  if (there === null || !repository.contains(there, head))
    violations.add('the origin has it all', `${head} of ${line} is not there; it is at ${there}`)
  for (const pushed of repository.pushes)
    if (there !== null && !repository.contains(there, pushed))
      violations.add('the origin has it all', `${pushed}, which others pushed, is not there`)
  for (const path of ['index.js', ...tasksOf(state, line).map(({ id }) => `src/${id}.js`)]) {
    // Others may have pushed more since.
    if (there === head && repository.readOrigin(branch, path) !== (await repository.read(path)))
      violations.add('the origin has it all', `its ${path} is not the target's`)
  }
  const rendered = renderTaskLists(state, line, null)
  for (const path of Object.keys(await repository.taskLists()))
    if (lists.name === 'current' && rendered[path] === undefined)
      violations.add('the lists match the plan', `${path} is on the target, and of no worker`)
  for (const [path, text] of Object.entries(rendered)) {
    if (lists.name === 'current' && (await repository.read(path)) !== text)
      violations.add('the lists match the plan', `${path} reads otherwise on the target`)
  }
}

const tasksOf = ({ tasks }: State, line: LineId): readonly Task[] =>
  [...tasks.values()].filter((task) => task.line === line)

/** A numbered hook is taken in once, however often it comes. */
function checkEffects(journal: readonly JournalEntry[], violations: Violations): void {
  const taken = new Set<string>()
  for (const { event, ignored } of journal) {
    if (ignored !== null || !('launch' in event) || event.sequence === undefined) continue
    const hook = `${event.type} ${event.sequence} of ${event.instance}`
    if (taken.has(hook)) violations.add('one effect', `${hook} was taken twice`)
    taken.add(hook)
  }
}

/** Tasks that were cancelled, or planned at the very end of the run. */
function excusedBy(journal: readonly JournalEntry[]): ReadonlySet<TaskId> {
  const excused = new Set<TaskId>()
  let isEnding = false
  for (const { event, commands, ignored } of journal) {
    isEnding ||= commands.some(({ type }) => type === 'write-report')
    if (ignored === null && event.type === 'task-cancelled') excused.add(event.task)
    if (event.type === 'lists-edited')
      for (const task of excusedByEdits(event, isEnding)) excused.add(task)
  }
  return excused
}

const excusedByEdits = (
  { edits }: Extract<Event, { type: 'lists-edited' }>,
  isEnding: boolean,
): readonly TaskId[] =>
  edits.flatMap((edit) =>
    edit.type === 'ticked' || edit.type === 'list-deleted'
      ? []
      : edit.type === 'removed'
        ? [edit.task]
        : isEnding
          ? [edit.task.id]
          : [],
  )

/** With a task goes what depends on it. */
const isExcused = (id: TaskId, state: State, excused: ReadonlySet<TaskId>): boolean =>
  excused.has(id) ||
  state.tasks.get(id)?.dependsOn.some((other) => isExcused(other, state, excused)) === true
