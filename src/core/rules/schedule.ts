import { mayBegin } from '../entities/credential-leases.ts'
import type { Draft } from '../model/draft.ts'
import type { InstanceId } from '../model/ids.ts'
import { sendPrompt } from './prompting.ts'
import { isInService, type Instance } from '../model/instance.ts'
import { budgetVerdict } from '../model/ledger.ts'
import { traitsOf } from '../model/roles.ts'
import type { State } from '../model/state.ts'
import type { Task } from '../model/task.ts'
import { assign, block, isOpen, ownerOf } from '../entities/task.ts'

/** Queues each waiting task whose dependencies are all merged. */
export function openTasks(draft: Draft): void {
  for (const task of draft.state.tasks.values()) {
    if (task.phase.name !== 'waiting') continue
    if (task.dependsOn.every((id) => draft.state.tasks.get(id)?.phase.name === 'merged'))
      draft.enterTask(task.id, { name: 'queued' })
  }
}

/**
 * Assigns a task to every ready worker. `answerable` is the worker whose Stop hook waits for an
 * answer, if any: when conversations are not cleared between tasks, the answer assigns the task.
 */
export function assignTasks(draft: Draft, answerable: InstanceId | null): void {
  if (budgetVerdict(draft.state.ledger, draft.state.policy.budget, null) === 'exceeded') return
  for (const choose of [chooseOwn, chooseFromOthers]) {
    for (const { id } of draft.state.instances.values()) {
      const worker = draft.instance(id)
      if (
        !traitsOf(worker.role).mayHoldTasks ||
        worker.phase.name !== 'ready' ||
        !mayBegin(draft.state, worker)
      )
        continue
      const task = worker.task === null ? choose(draft.state, worker) : null
      if (task) giveTask(draft, worker, task, worker.id === answerable)
    }
  }
}

function giveTask(draft: Draft, worker: Instance, task: Task, isAnswerable: boolean): void {
  if (budgetVerdict(draft.state.ledger, draft.state.policy.budget, task.id) === 'exceeded') {
    return block(
      draft,
      task.id,
      null,
      'Its budget is used up. Raise budget.perTask and answer, split the task, or cancel it.',
    )
  }
  const isReturn = task.phase.name === 'conflicted' || task.phase.name === 'rejected'
  assign(draft, task.id, worker.id)
  const way =
    draft.state.policy.context === 'fresh' ? 'typed-fresh' : isAnswerable ? 'answered' : 'typed'
  sendPrompt(draft, worker.id, isReturn ? 'rework' : 'task', way)
}

/** First a task that was returned to the worker, then one of its own list. */
function chooseOwn(state: State, worker: Instance): Task | null {
  const open = [...state.tasks.values()].filter((task) => isOpen(task.phase))
  return (
    open.find((task) => task.phase.name !== 'queued' && ownerOf(task) === worker.id) ??
    open.find((task) => task.phase.name === 'queued' && task.assignee === worker.id) ??
    null
  )
}

/**
 * The first task of the longest list that can spare one, so that no worker idles beside a long
 * list.
 */
function chooseFromOthers(state: State, worker: Instance): Task | null {
  const lists = new Map<InstanceId, Task[]>()
  for (const task of state.tasks.values()) {
    if (!isOpen(task.phase) || task.assignee === worker.id) continue
    lists.set(task.assignee, [...(lists.get(task.assignee) ?? []), task])
  }
  const spare = [...lists].flatMap(([owner, tasks]) => {
    const mayTake = tasks.filter((task) => task.phase.name === 'queued' || !isServed(state, owner))
    return mayTake.length > tasksKeptFor(state, state.instances.get(owner)) ? [mayTake] : []
  })
  const longest = spare.toSorted((a, b) => b.length - a.length)[0]
  return longest?.at(0) ?? null
}

/**
 * A worker that will soon need a task keeps one of its list. A worker that is busy, out of service
 * or stranded keeps none.
 */
function tasksKeptFor(state: State, owner: Instance | undefined): number {
  if (!owner || !isInService(owner.phase) || isStranded(state, owner)) return 0
  return owner.task === null ? 1 : 0
}

/** It has no credential to start a task with, and when it gets one is unknown. */
const isStranded = (state: State, worker: Instance): boolean =>
  worker.phase.name === 'absent' || (worker.phase.name === 'ready' && !mayBegin(state, worker))

function isServed(state: State, id: InstanceId): boolean {
  const owner = state.instances.get(id)
  return owner !== undefined && isInService(owner.phase) && !isStranded(state, owner)
}
