import { posix } from 'node:path'
import type { Conversation, Exchange } from './conversation.ts'
import { readPlanState } from './plan-state.ts'
import type { Script, ScriptedTask } from './script.ts'
import { call, complain, hasFailed, nextStep, speak, type Step, type ToolStep } from './step.ts'

const stateTool = 'mcp__orchestrator__state'

/** The Manager's next step: look at the state, then plan, answer what is asked, or finish. */
export function managerStep(
  script: Script,
  { prompt, exchanges, workingDirectory }: Conversation,
): Step {
  if (prompt === null) return speak('I wait for the direction.')
  const looked = exchanges.findIndex(
    (exchange) => exchange.tool === stateTool && !hasFailed(exchange),
  )
  if (looked < 0) return nextStep([call(stateTool, {})], exchanges, stopAt)
  const done = exchanges.slice(looked + 1)
  const steps = decisions(script, exchanges[looked]?.result?.text ?? '', workingDirectory, done)
  return nextStep(steps, done, stopAt)
}

function decisions(
  script: Script,
  stateText: string,
  directory: string | null,
  done: readonly Exchange[],
): readonly Step[] {
  const state = readPlanState(stateText)
  const { tasks, growth } = script
  const known = tasks.filter(({ id }) => state.has(id))
  const next = tasks.filter(({ id }) => !state.has(id)).slice(0, growth?.batch)
  if (known.length === 0) {
    const path = directory === null ? direction : posix.join(directory, direction)
    const isComplete = growth === undefined && !script.neverCompletes
    return [call('Read', { file_path: path }), ...submit(next, isComplete)]
  }
  const answers = known.flatMap((task) => decide(task, state.get(task.id)))
  const isAllMerged = known.every(({ id }) => isEnded(state.get(id)))
  if (script.neverCompletes) return [...answers, ...submit([], false)]
  if (growth !== undefined && (asksForMore(stateText) || isAllMerged)) {
    // What was begun in this turn is gone on with, even when time ran out meanwhile.
    const hasBegun = done.some(({ tool }) => tool === submitTool)
    const grows = next.length > 0 && (growth.mayGrow() || hasBegun)
    if (grows) return [...answers, ...submit(next, false)]
    if (!isAllMerged) return [...answers, ...submit([], true)]
  }
  if (isAllMerged && (growth !== undefined || next.length === 0)) return finish(script)
  return [...answers, speak('Nothing else needs me now.')]
}

const asksForMore = (stateText: string): boolean => stateText.includes('Few tasks are left')

const isEnded = (phase: string | undefined): boolean =>
  phase === 'merged' || phase === 'done' || phase === 'cancelled'

const submitTool = 'mcp__orchestrator__submit_plan'

const submit = (tasks: readonly ScriptedTask[], isComplete: boolean): readonly Step[] => [
  call(submitTool, {
    tasks: tasks.map(({ id, title, body, dependsOn, worker }) => ({
      id,
      title,
      body,
      depends_on: dependsOn,
      ...(worker === null ? {} : { worker }),
    })),
    complete: isComplete,
  }),
  speak('The plan is submitted.'),
]

const direction = 'PROJECT_DIRECTION.md'

const finishTool = 'mcp__orchestrator__finish'

const finish = ({ report }: Script): readonly Step[] => [
  call(finishTool, { report }),
  speak('The direction is fulfilled.'),
]

function decide({ id, habit }: ScriptedTask, phase: string | undefined): readonly Step[] {
  if (phase !== 'blocked') return []
  const text = habit.type === 'asks' ? habit.answer : 'Go on with what the task says, then report.'
  return [call('mcp__orchestrator__answer', { task: id, answer: text })]
}

/**
 * What the server refuses it refuses for a reason that has to be seen, not overcome. Only the end
 * of the run may be overtaken by a task, such as a merge of what others pushed.
 */
const stopAt = ({ tool }: ToolStep, reason: string): readonly Step[] =>
  tool === finishTool && reason.includes('are not over yet')
    ? [speak('I wait for the tasks that came meanwhile.')]
    : [complain(`I stop: ${reason}`)]
