import { mayBegin } from '../entities/credential-leases.ts'
import type { Draft } from '../model/draft.ts'
import { type InstanceId, TaskId } from '../model/ids.ts'
import { found } from '../model/lookup.ts'
import { sendPrompt } from './prompting.ts'
import { isInService, type Instance } from '../model/instance.ts'
import { budgetVerdict } from '../model/ledger.ts'
import { traitsOf } from '../model/roles.ts'
import type { State } from '../model/state.ts'
import { isDone, isOpen, ownerOf, type Task } from '../model/task.ts'
import { dependentsOf, openFor, queuedFor, returnedTo, type Tasks } from '../model/task-groups.ts'
import { assign, block } from '../entities/task.ts'
import { originMergeOf } from '../entities/origin-conflict.ts'

/**
 * Queues each waiting task whose dependencies are all done; one that depends on a cancelled task
 * could never begin, so the Manager decides. After every decision of an executing run there is no
 * such task, so only a change of this decision can have ended the dependencies.
 */
export function openTasks(draft: Draft): void {
  for (const { id, dependsOn, phase } of mayOpen(draft)) {
    if (phase.name !== 'waiting') continue
    const phases = dependsOn.map((other) => draft.state.tasks.get(other)?.phase)
    const gone = dependsOn.filter((_, index) => phases[index]?.name === 'cancelled')
    if (gone.length > 0)
      block(
        draft,
        id,
        null,
        `It depends on ${gone.join(', ')}, which will not be done. Answer to let it begin without ` +
          'that, or cancel it.',
      )
    else if (phases.every((each) => each !== undefined && isDone(each)))
      draft.enterTask(id, { name: 'queued' })
  }
}

/** In the order of the plan: tasks that wait since this decision, or for a task that it ended. */
function mayOpen({ state: { tasks }, transitions }: Draft): readonly Task[] {
  if (transitions.some(({ noun, to }) => noun === 'run' && to === 'executing'))
    return tasks.in('waiting')
  const changed = transitions.flatMap(({ noun, id, to }) => {
    if (noun !== 'task') return []
    if (to === 'merged' || to === 'done' || to === 'cancelled')
      return tasks.in(dependentsOf(TaskId(id)))
    return to === 'waiting' ? (tasks.get(TaskId(id)) ?? []) : []
  })
  return inPlanOrder(tasks, changed)
}

const inPlanOrder = (tasks: Tasks, some: readonly Task[]): readonly Task[] =>
  [...new Set(some)].toSorted((one, other) => placeOf(tasks, one) - placeOf(tasks, other))

const placeOf = (tasks: Tasks, { id }: Task): number => found('task', id, tasks.positionOf(id))

/**
 * Assigns a task to every ready worker. `answerable` is the worker whose Stop hook waits for an
 * answer, if any: when conversations are not cleared between tasks, the answer assigns the task.
 */
export function assignTasks(draft: Draft, answerable: InstanceId | null): void {
  if (budgetVerdict(draft.state.ledger, draft.state.policy.budget, null) === 'exceeded') return
  const give = (worker: Instance, task: Task | null): void => {
    if (task) giveTask(draft, worker, task, worker.id === answerable)
  }
  for (const choose of [chooseOriginMerge, chooseOwn])
    for (const worker of freeWorkers(draft.state)) give(worker, choose(draft.state, worker))
  const idle = freeWorkers(draft.state)
  if (idle.length === 0) return
  const owners = ownersOfOpenTasks(draft.state)
  for (const worker of idle) give(worker, chooseFromOthers(draft.state, worker, owners))
}

/** The workers that may begin a task now. */
const freeWorkers = (state: State): readonly Instance[] =>
  [...state.instances.values()].filter(
    (worker) =>
      worker.task === null &&
      worker.phase.name === 'ready' &&
      traitsOf(worker.role).mayHoldTasks &&
      mayBegin(state, worker),
  )

const ownersOfOpenTasks = ({ instances, tasks }: State): readonly InstanceId[] =>
  [...instances.keys()].filter((id) => tasks.countIn(openFor(id)) > 0)

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

/**
 * The merge of what others pushed, which comes before everything else: until then the line cannot
 * be pushed. One that was returned goes to its last owner if that is ready.
 */
function chooseOriginMerge(state: State, worker: Instance): Task | null {
  const isForWorker = (task: Task): boolean => {
    const owner = state.instances.get(ownerOf(task) ?? worker.id)
    return owner === undefined || owner.id === worker.id || !mayTakeNow(state, owner)
  }
  for (const { id } of state.lines.values()) {
    const task = originMergeOf(state, id)
    if (task !== null && isOpen(task.phase) && isForWorker(task)) return task
  }
  return null
}

/** First a task that was returned to the worker, then one of its own list. */
const chooseOwn = ({ tasks }: State, worker: Instance): Task | null =>
  tasks.firstIn(returnedTo(worker.id)) ?? tasks.firstIn(queuedFor(worker.id)) ?? null

/**
 * The first task of the longest list that can spare one, so that no worker idles beside a long
 * list. Of equally long lists, the one that comes first in the plan.
 */
function chooseFromOthers(
  state: State,
  worker: Instance,
  owners: readonly InstanceId[],
): Task | null {
  const { tasks, instances } = state
  let longest = { length: 0, place: 0, first: null as Task | null }
  for (const id of owners) {
    const foremost = id === worker.id ? undefined : tasks.firstIn(openFor(id))
    if (!foremost) continue
    const owner = found('instance', id, instances.get(id))
    const list = isServed(state, owner) ? queuedFor(owner.id) : openFor(owner.id)
    const [length, place] = [tasks.countIn(list), placeOf(tasks, foremost)]
    if (length <= tasksKeptFor(state, owner)) continue
    if (length > longest.length || (length === longest.length && place < longest.place))
      longest = { length, place, first: tasks.firstIn(list) ?? null }
  }
  return longest.first
}

/**
 * A worker that will soon need a task keeps one of its list. A worker that is busy, out of service
 * or stranded keeps none.
 */
function tasksKeptFor(state: State, owner: Instance): number {
  if (!isInService(owner.phase) || isStranded(state, owner)) return 0
  return owner.task === null ? 1 : 0
}

const mayTakeNow = (state: State, worker: Instance): boolean =>
  worker.phase.name === 'ready' && worker.task === null && mayBegin(state, worker)

/** It has no credential to start a task with, and when it gets one is unknown. */
const isStranded = (state: State, worker: Instance): boolean =>
  worker.phase.name === 'absent' || (worker.phase.name === 'ready' && !mayBegin(state, worker))

const isServed = (state: State, owner: Instance): boolean =>
  isInService(owner.phase) && !isStranded(state, owner)
