import { posix } from 'node:path'
import type { Conversation } from './conversation.ts'
import { readPlanState } from './plan-state.ts'
import type { Script, ScriptedTask } from './script.ts'
import { call, complain, hasFailed, nextStep, speak, type Step, type ToolStep } from './step.ts'

const stateTool = 'mcp__orchestrator__state'

/** The Manager's next step: look at the state, then plan, answer what is asked, or finish. */
export function playManager(script: Script, { prompt, exchanges, workingDirectory }: Conversation): Step {
  if (prompt === null) return speak('I wait for the direction.')
  const looked = exchanges.findIndex((exchange) => exchange.tool === stateTool && !hasFailed(exchange))
  if (looked < 0) return nextStep([call(stateTool, {})], exchanges, stopAt)
  const steps = decisions(script, exchanges[looked]?.result?.text ?? '', workingDirectory)
  return nextStep(steps, exchanges.slice(looked + 1), stopAt)
}

function decisions(script: Script, stateText: string, directory: string | null): readonly Step[] {
  const state = readPlanState(stateText)
  if (!script.tasks.some(({ id }) => state.has(id))) return plan(script.tasks, directory)
  if (script.tasks.every(({ id }) => state.get(id) === 'merged')) return finish(script)
  return [...script.tasks.flatMap((task) => decide(task, state.get(task.id))), speak('Nothing else needs me now.')]
}

const plan = (tasks: readonly ScriptedTask[], directory: string | null): readonly Step[] => [
  call('Read', { file_path: directory === null ? direction : posix.join(directory, direction) }),
  call('mcp__orchestrator__submit_plan', {
    tasks: tasks.map(({ id, title, body, dependsOn, worker }) => ({
      id,
      title,
      body,
      depends_on: dependsOn,
      ...(worker === null ? {} : { worker }),
    })),
    complete: true,
  }),
  speak('The plan is submitted.'),
]

const direction = 'PROJECT_DIRECTION.md'

const finish = ({ report }: Script): readonly Step[] => [
  call('mcp__orchestrator__finish', { report }),
  speak('The direction is fulfilled.'),
]

function decide({ id, habit }: ScriptedTask, phase: string | undefined): readonly Step[] {
  if (phase !== 'blocked') return []
  const text = habit.type === 'asks' ? habit.answer : 'Go on with what the task says, then report.'
  return [call('mcp__orchestrator__answer', { task: id, answer: text })]
}

/** What the server refuses it refuses for a reason that has to be seen, not overcome. */
const stopAt = (_: ToolStep, reason: string): readonly Step[] => [complain(`I stop: ${reason}`)]
