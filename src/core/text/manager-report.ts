import type { State } from '../model/state.ts'
import { isOver, type Task } from '../model/task.ts'
import { type TaskPage, taskPage } from './task-pages.ts'
import { lineMergedBy } from '../entities/origin-conflict.ts'
import { awaitsPerson } from '../entities/task.ts'
import { fence } from './fence.ts'
import { quoteBlock } from './quote.ts'
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
    ...failingChecks(state),
    `# Tasks\n\n${tasksOn(taskPage(tasks, page))}`,
    `# What needs you\n\n${needs(state, tasks).join('\n\n')}`,
  ].join('\n\n')
}

/** Branches that fail their checks without the work of a task. */
const failingChecks = ({ lines }: State): readonly string[] =>
  [...lines.values()].flatMap(({ branch, base }) =>
    base?.name === 'failed'
      ? [
          `# The checks fail on ${branch} itself\n\n` +
            `\`${base.failure.command}\` fails there without the work of any task:\n\n` +
            `${fence(base.failure.output.slice(-longestOutput))}\n\n` +
            (base.isAccepted
              ? 'A person decided that work is merged although it fails this check.'
              : 'Work that fails this check too waits for the repair; work that passes is merged. ' +
                'If a change in the repository repairs it, submit one task for that, unless one ' +
                'is planned. If it needs a change outside the repository, do nothing: a person ' +
                'is asked.'),
        ]
      : [],
  )

const longestOutput = 2_000

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
  const decisions = [...asked, ...questions(state, tasks)]
  if (isQueueLow(state)) {
    decisions.push(
      'Few tasks are left. Submit the next ones with submit_plan. When the plan holds everything, ' +
        'call submit_plan without tasks and with complete = true.',
    )
  }
  if (decisions.length > 0) return decisions
  return ['Nothing. The workers are busy. Stop now; you get a prompt when something needs you.']
}

/** Only what the server takes from the Manager. */
function choiceAbout(state: State, task: Task): string {
  const { id } = task
  const [mayAnswer, mayCancel] = [!awaitsPerson(state, task), lineMergedBy(state, id) === null]
  if (mayCancel)
    return mayAnswer
      ? `Call answer or cancel_task for ${id}.`
      : `Do nothing, or call cancel_task for ${id}.`
  return mayAnswer
    ? `Call answer for ${id}. Only a person can cancel it.`
    : 'Do nothing: a person is asked.'
}

/** A question has up to 4,000 characters; those that are left out come when these are answered. */
const mostQuestions = 5

function questions(state: State, tasks: readonly Task[]): readonly string[] {
  const all = tasks.flatMap((task) => {
    const { id, phase } = task
    if (phase.name !== 'blocked') return []
    const choice = choiceAbout(state, task)
    const question = quoteBlock(task.assignee, phase.question)
    return [`Task ${id} is blocked. ${question}\n\n${choice}`]
  })
  const more = all.length - mostQuestions
  if (more <= 0) return all
  return [
    ...all.slice(0, mostQuestions),
    `${more} more tasks are blocked. Decide these first, then call state again.`,
  ]
}
