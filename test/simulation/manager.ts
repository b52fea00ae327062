import type { PlannedTask } from '../../src/core/model/plan.ts'
import { managerId } from '../../src/core/model/ids.ts'
import type { State } from '../../src/core/model/state.ts'
import type { Agent } from './agent.ts'

export interface ManagerParts {
  readonly plan: readonly PlannedTask[]
  /** What the server would answer a question about the run; null while it is away, and to a launch that is over. */
  readonly look: (agent: Agent) => State | null
}

/** One turn of the Manager: it plans, answers what is blocked, finishes. When it is confused, it does some of it at the wrong time. */
export async function manage(agent: Agent, { plan, look }: ManagerParts): Promise<void> {
  const { faults, request } = agent.around
  const caller = { instance: managerId, launch: agent.launch }
  const confusion = faults.strike('confusion', managerId)
  const state = look(agent)
  if (state === null) return
  if (state.run.phase.name === 'planning' || confusion?.chance(50))
    request({ type: 'plan-submitted', tasks: plan, isComplete: true, ...caller })
  await agent.wait(agent.around.random.between(10, 2_000))
  for (const { id, phase } of look(agent)?.tasks.values() ?? []) {
    const worker = confusion?.chance(30) ? 1 : null
    if (phase.name === 'blocked' || confusion?.chance(20))
      request({ type: 'task-answered', task: id, answer: 'This one.', worker, by: 'manager' })
    if (confusion?.chance(5))
      request({ type: 'task-cancelled', task: id, reason: 'I thought so.', by: 'manager' })
  }
  const phase = look(agent)?.run.phase.name
  if (phase === 'executing' || confusion?.chance(50))
    request({ type: 'run-finished', report: 'Built.', ...caller })
}
