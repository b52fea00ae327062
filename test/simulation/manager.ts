import type { PlannedTask } from '../../src/core/model/plan.ts'
import { managerId, TaskId } from '../../src/core/model/ids.ts'
import type { State } from '../../src/core/model/state.ts'
import type { Agent } from './agent.ts'
import type { Faults } from './faults.ts'

export interface ManagerParts {
  readonly plan: readonly PlannedTask[]
  readonly faults: Faults
  /**
   * What the server would answer a question about the run; null while it is away, and to a launch
   * that is over.
   */
  readonly look: (agent: Agent) => State | null
  /** The server refused what its own advice says. */
  readonly noteBadAdvice: (reason: string) => void
}

/** How the Manager of a run plans, in all of its launches. */
interface Habits {
  /** Tasks in one submission: the rest follows when it is asked for more. */
  readonly wave: number
  /** It never says that the plan is complete, and never finishes the run. */
  readonly neverCompletes: boolean
  /** It submits all that it has planned again, in every turn. */
  readonly repeats: boolean
  /** Tasks that it thinks of when everything is done. */
  readonly extra: number
}

/** The Manager of a run: answers what it does in one turn. */
export function createManager(parts: ManagerParts): (agent: Agent) => Promise<void> {
  const plan = [...parts.plan]
  let habits: Habits | null = null
  return async (agent) => {
    if (parts.faults.strike('manager-ignores', managerId)) return
    if (habits === null) {
      habits = habitsOf(parts)
      for (let number = 1; number <= habits.extra; number += 1) plan.push(extraTask(number))
    }
    await manage(agent, { ...parts, plan }, habits)
  }
}

function habitsOf({ faults, plan }: ManagerParts): Habits {
  const waves = faults.strike('manager-waves', managerId)
  return {
    wave: waves?.between(1, 3) ?? plan.length,
    neverCompletes: faults.strike('manager-never-completes', managerId) !== null,
    repeats: faults.strike('manager-repeats', managerId) !== null,
    extra: faults.strike('manager-over-plans', managerId)?.between(1, 6) ?? 0,
  }
}

const extraTask = (number: number): PlannedTask => ({
  id: TaskId(`extra-${number}`),
  line: null,
  replaces: null,
  title: `Build extra-${number}`,
  body: '',
  dependsOn: [],
  worker: null,
})

/**
 * One turn: it plans, answers what is blocked, finishes. When it is confused, it does some of it at
 * the wrong time.
 */
async function manage(
  agent: Agent,
  { plan, look, noteBadAdvice }: ManagerParts,
  { wave, neverCompletes, repeats }: Habits,
): Promise<void> {
  const { faults, request } = agent.around
  const caller = { instance: managerId, launch: agent.launch }
  const confusion = faults.strike('confusion', managerId)
  const state = look(agent)
  if (state === null) return
  const isKnown = ({ id }: PlannedTask): boolean => state.tasks.has(id)
  const isCancelled = ({ id }: PlannedTask): boolean =>
    state.tasks.get(id)?.phase.name === 'cancelled'
  const plans = state.run.phase.name === 'planning'
  const missing = plan.filter((task) => !isKnown(task) || (plans && isCancelled(task)))
  const next = missing.slice(0, wave)
  const isLast = missing.length <= wave
  const isRedirected = state.run.notices.some(({ kind }) => kind === 'direction')
  const isComplete = isLast && !neverCompletes
  if (plans || confusion?.chance(50))
    request({
      type: 'plan-submitted',
      tasks: confusion === null ? next : plan,
      isComplete,
      ...caller,
    })
  else if (
    next.length > 0 ||
    neverCompletes ||
    isRedirected ||
    (repeats && state.run.phase.name === 'executing')
  )
    submitMore()
  await agent.wait(agent.around.random.between(10, 2_000))
  for (const { id, phase } of look(agent)?.tasks.values() ?? []) {
    const worker = confusion?.chance(30) ? 1 : null
    if (phase.name === 'blocked' || confusion?.chance(20))
      request({ type: 'task-answered', task: id, answer: 'This one.', worker, by: 'manager' })
    if (confusion?.chance(5))
      request({ type: 'task-cancelled', task: id, reason: 'I thought so.', by: 'manager' })
  }
  const phase = look(agent)?.run.phase.name
  if ((phase === 'executing' && isLast && !neverCompletes) || confusion?.chance(50))
    request({ type: 'run-finished', report: 'Built.', ...caller })

  function submitMore(): void {
    const known = repeats ? plan.filter((task) => isKnown(task) && !isCancelled(task)) : []
    const tasks = [...known.map((task) => asPlanned(task, state)), ...next].map((task) =>
      withoutCancelled(task, state),
    )
    const decision = request({ type: 'plan-submitted', tasks, isComplete, ...caller })
    const reason = decision?.ignored ?? ''
    if (repeats && reason.includes('cannot be replaced')) noteBadAdvice(reason)
  }
}

/** It was planned without a task that was cancelled then, and may have been planned again. */
const asPlanned = (task: PlannedTask, state: State | null): PlannedTask => ({
  ...task,
  dependsOn: task.dependsOn.filter((id) => state?.tasks.get(task.id)?.dependsOn.includes(id)),
})

/** Nothing can depend on a cancelled task. */
const withoutCancelled = (task: PlannedTask, state: State | null): PlannedTask => ({
  ...task,
  dependsOn: task.dependsOn.filter((id) => state?.tasks.get(id)?.phase.name !== 'cancelled'),
})
