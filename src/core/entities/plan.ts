import type { Draft } from '../model/draft.ts'
import type { ListEdit, PlannedTask } from '../model/plan.ts'
import { type InstanceId, type LineId, type TaskId, workerId } from '../model/ids.ts'
import { leadLine } from '../model/line.ts'
import { isOver, type Task, type TaskPhase } from '../model/task.ts'
import { dependentsOf } from '../model/task-groups.ts'
import { addNotices } from './notices.ts'
import { changesOf, planProblems } from './plan-submission.ts'
import type { State } from '../model/state.ts'
import { isUntouched, objectionToEnd, takeAway } from './task.ts'
import { shortestList } from './shortest-list.ts'

/**
 * Adds tasks and replaces unstarted ones with the same id. The caller has checked `planProblems`.
 */
export function enterPlan(
  draft: Draft,
  planned: readonly PlannedTask[],
  by: 'manager' | 'operator',
): void {
  const { run, policy } = draft.state
  // What a person adds to a list needs no approval, except as the first plan.
  const mustWait =
    run.phase.name === 'awaiting-approval' || (by === 'manager' && policy.plan === 'approve')
  const name = mustWait ? 'proposed' : 'waiting'
  for (const task of changesOf(draft.state, planned)) {
    const known = draft.state.tasks.get(task.id)
    const assignee =
      task.worker === null ? (known?.assignee ?? shortestList(draft.state)) : workerId(task.worker)
    const line = task.line ?? known?.line ?? leadLine(draft.state.lines).id
    const replaces = task.replaces ?? known?.replaces ?? []
    const content = { ...plannedTask(task, line, assignee), replaces, ...earlierWork(known) }
    if (known) draft.enterTask(task.id, { name }, content)
    else draft.addTask({ ...content, phase: { name, since: draft.at } })
  }
  draft.set({ news: draft.state.news.filter((news) => news.type !== 'queue-low') })
}

/** What a cancelled task that is planned again keeps: workspaces and the hub have its branch. */
function earlierWork(known: Task | undefined): Partial<Pick<Task, 'commit' | 'base' | 'notes'>> {
  if (known?.phase.name !== 'cancelled' || known.attempts.length === 0) return {}
  const note =
    `The task was cancelled (${known.phase.reason}) and planned again. Its branch may hold ` +
    'earlier work: keep what fits the description above, and revert the rest.'
  return { commit: known.commit, base: known.base, notes: [note] }
}

/**
 * Applies edits of the task lists. Returns a sentence for each one that cannot be applied; the next
 * rendering of the lists undoes it.
 */
export function enterListEdits(
  draft: Draft,
  line: LineId,
  edits: readonly ListEdit[],
): readonly string[] {
  return edits.flatMap((edit) => {
    switch (edit.type) {
      case 'added':
      case 'changed': {
        const task = { ...edit.task, line }
        const problems = planProblems(draft.state, [task], 'operator')
        if (problems.length === 0) enterPlan(draft, [task], 'operator')
        return problems
      }
      case 'ticked':
        return tick(draft, edit.task) ?? []
      case 'removed':
        return remove(draft, line, edit) ?? []
      case 'list-deleted':
        return explainDeletion(draft.state, edit) ?? []
    }
  })
}

function tick(draft: Draft, id: TaskId): string | null {
  const task = draft.state.tasks.get(id)
  if (!task || isOver(task.phase)) return null
  const objection = objectionToEnd(draft.state, task)
  if (objection !== null) return `Task ${id} was ticked by hand, but it ${objection}.`
  endByHand(draft, id)
  return null
}

function remove(
  draft: Draft,
  line: LineId,
  { task: id, worker }: Extract<ListEdit, { type: 'removed' }>,
): string | null {
  const { tasks, policy } = draft.state
  const task = tasks.get(id)
  if (!task || isOver(task.phase)) return null
  // A list that an earlier run left may name a task as this run does.
  if (worker > policy.workerCount && task.assignee !== workerId(worker))
    return (
      `${id} was removed from the list of worker ${worker}, whom this run does not have; the task ` +
      `${id} of ${task.assignee} goes on. Remove it from that list to cancel it.`
    )
  if (!isUntouched(task))
    return (
      `Task ${id} was removed from its list, but it is ${task.phase.name}: ` +
      'cancel it to stop it.'
    )
  const gone = cancelWithDependents(draft, id, 'removed from its list', 'operator')
  noticeCancellation(draft, id, line, `removed ${id} from its list`, gone)
  return null
}

/**
 * Who deletes a file may tidy up, or remove what an earlier run left: that cancels nothing. Null
 * where the list had nothing that is still to be done.
 */
function explainDeletion(
  { tasks }: State,
  { worker, tasks: listed }: Extract<ListEdit, { type: 'list-deleted' }>,
): string | null {
  const open = listed.filter((id) => {
    const task = tasks.get(id)
    return task !== undefined && !isOver(task.phase) && task.assignee === workerId(worker)
  })
  if (open.length === 0) return null
  return (
    `The list of worker ${worker} was deleted, which cancels nothing: it is written again. To cancel ` +
    `a task, remove its item from the list, or cancel it (still to do: ${open.join(', ')}).`
  )
}

function endByHand(draft: Draft, id: TaskId): void {
  takeAway(draft, id, 'the task was ticked by hand')
  draft.enterTask(id, { name: 'done', by: 'operator', reason: 'ticked by hand' })
  draft.notifyManager({ type: 'done', task: id })
}

/** Answers the tasks that were cancelled because they depend on it. */
export function cancelWithDependents(
  draft: Draft,
  id: TaskId,
  reason: string,
  by: Extract<TaskPhase, { name: 'cancelled' }>['by'],
): readonly TaskId[] {
  draft.enterTask(id, { name: 'cancelled', by, reason })
  const gone: TaskId[] = []
  for (const { id: other } of draft.state.tasks.in(dependentsOf(id))) {
    // Read again: an earlier dependent may have cancelled it.
    const { phase, attempts } = draft.task(other)
    if (!isOver(phase) && attempts.length === 0) {
      const why = `it depends on ${id}, which was cancelled`
      gone.push(other, ...cancelWithDependents(draft, other, why, 'server'))
    }
  }
  return gone
}

/** The Manager planned the tasks, and a person may not have known what depends on one of them. */
export function noticeCancellation(
  draft: Draft,
  id: TaskId,
  line: LineId | null,
  what: string,
  gone: readonly TaskId[],
): void {
  const others =
    gone.length === 0 ? '' : ` What depends on it is cancelled too: ${gone.join(', ')}.`
  addNotices(draft, 'cancelled', line, [`A person ${what}.${others}`])
  draft.notifyManager({ type: 'cancelled', task: id })
}

function plannedTask(
  { id, title, body, dependsOn }: PlannedTask,
  line: LineId,
  assignee: InstanceId,
): Omit<Task, 'phase' | 'replaces'> {
  return {
    id,
    line,
    title,
    body,
    dependsOn,
    assignee,
    attempts: [],
    reworkCount: 0,
    rounds: 0,
    returned: null,
    notes: [],
    commit: null,
    base: null,
    progress: null,
    summary: null,
  }
}
