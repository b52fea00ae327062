import type { State } from '../model/state.ts'
import { isOver, type Task } from '../model/task.ts'
import { type TaskPage, taskPage } from './task-pages.ts'
import { isQueueLow } from '../entities/plan-progress.ts'

/**
 * What the tool `state` answers the Manager: the team, the tasks of a page with their phases, and
 * what to do.
 */
export function managerReport(state: State, page = 1): string {
  const { run, policy, lines } = state
  const tasks = [...state.tasks.values()]
  return [
    [
      `Run: ${run.phase.name}`,
      ...[...lines.values()].map(({ branch, head }) => `Target: ${branch} at ${head}`),
      `Workers: 1 to ${policy.workerCount}`,
    ].join('\n'),
    ...(run.notices.length === 0
      ? []
      : [`# What people did\n\n${run.notices.map(({ text }) => `- ${text}`).join('\n')}`]),
    `# Tasks\n\n${tasksOn(taskPage(tasks, page))}`,
    `# What needs you\n\n${needs(state, tasks).join('\n\n')}`,
  ].join('\n\n')
}

/** The tasks of one page, and how to get the others. */
function tasksOn({ lines, page, pages }: TaskPage): string {
  if (lines.length === 0) return 'There is no plan yet.'
  if (pages === 1) return lines.join('\n')
  const others = `Page ${page} of ${pages}. Call state with another page for the other tasks.`
  return `${lines.join('\n')}\n\n${others}`
}

function needs(state: State, tasks: readonly Task[]): readonly string[] {
  if (state.run.phase.name === 'planning') {
    return ['There is no plan. Read PROJECT_DIRECTION.md, then call submit_plan.']
  }
  const asked = state.run.notices.some(({ kind }) => kind === 'direction')
    ? [
        'PROJECT_DIRECTION.md was changed. Read it again, and compare the plan with it. Cancel what ' +
          'is no longer wanted. Then call submit_plan with what is missing, or without tasks when ' +
          'nothing is; complete = true says that the plan covers it again.',
      ]
    : []
  if (tasks.every(({ phase }) => isOver(phase))) {
    return [
      ...asked,
      'Every task is done or cancelled. Compare the target branch with PROJECT_DIRECTION.md. ' +
        'If something is missing, submit tasks for it. Otherwise call finish with your report.',
    ]
  }
  const decisions = [...asked, ...questions(tasks)]
  if (isQueueLow(state)) {
    decisions.push(
      'Few tasks are left. Submit the next ones with submit_plan. When the plan holds everything, ' +
        'call submit_plan without tasks and with complete = true.',
    )
  }
  if (decisions.length > 0) return decisions
  return ['Nothing. The workers are busy. Stop now; you get a prompt when something needs you.']
}

/** A question has up to 4,000 characters; those that are left out come when these are answered. */
const mostQuestions = 5

function questions(tasks: readonly Task[]): readonly string[] {
  const all = tasks.flatMap(({ id, phase }) =>
    phase.name === 'blocked'
      ? [`Task ${id} is blocked: ${phase.question}\nCall answer or cancel_task for ${id}.`]
      : [],
  )
  const more = all.length - mostQuestions
  if (more <= 0) return all
  return [
    ...all.slice(0, mostQuestions),
    `${more} more tasks are blocked. Decide these first, then call state again.`,
  ]
}
