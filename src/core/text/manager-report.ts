import type { State } from '../model/state.ts'
import type { Task } from '../model/task.ts'
import { isOver } from '../entities/task.ts'

/** What the Manager sees when it asks: the team, every task with its phase, and what waits for its decision. */
export function managerReport(state: State, targetBranch: string): string {
  const { run, rules } = state
  const tasks = [...state.tasks.values()]
  return [
    `Run: ${run.phase.name}\nTarget: ${targetBranch} at ${run.head}\nWorkers: 1 to ${rules.workerCount}`,
    `# Tasks\n\n${tasks.length === 0 ? 'There is no plan yet.' : tasks.map(taskLine).join('\n')}`,
    `# What needs you\n\n${needs(state, tasks).join('\n\n')}`,
  ].join('\n\n')
}

function taskLine(task: Task): string {
  const after = task.dependsOn.length === 0 ? '' : ` (after ${task.dependsOn.join(', ')})`
  const said = task.summary ?? task.progress
  return `- ${task.id} [${task.phase.name}] ${task.assignee}: ${task.title}${after}${said === null ? '' : ` — ${said}`}`
}

function needs(state: State, tasks: readonly Task[]): string[] {
  if (state.run.phase.name === 'planning')
    return ['No plan: read PROJECT_DIRECTION.md and call submit_plan.']
  const questions = tasks.flatMap(({ id, phase }) =>
    phase.name === 'blocked'
      ? [`Task ${id} is blocked: ${phase.question}\nCall answer (or cancel_task) for ${id}.`]
      : [],
  )
  if (tasks.every(({ phase }) => isOver(phase))) {
    return [
      'Every task is over. Compare the target with PROJECT_DIRECTION.md: submit what is missing, or call finish with your report.',
    ]
  }
  if (!state.run.planIsComplete)
    questions.push('The queue runs low: submit more tasks, or the same plan with complete = true.')
  return questions.length === 0
    ? ['Nothing: the workers are busy. Stop now; you will be told.']
    : questions
}
