import type { Conversation, Exchange } from './conversation.ts'
import { parseBrief } from './brief.ts'
import type { Script } from './script.ts'
import { call, complain, hasFailed, nextStep, speak, type Step, type ToolStep } from './step.ts'
import { commit, readFile, restore, stepsOf } from './work.ts'

export const briefTool = 'mcp__orchestrator__brief'

/** A worker's next step: fetch the brief, do what the script has for it, report. */
export function workerStep(
  script: Script,
  { prompt, exchanges, earlier, workingDirectory }: Conversation,
): Step {
  if (prompt === null) return speak('I wait for a task.')
  const fetched = exchanges.findIndex(
    (exchange) => exchange.tool === briefTool && !hasFailed(exchange),
  )
  if (fetched < 0) return nextStep([call(briefTool, {})], exchanges, mend)
  const brief = parseBrief(exchanges[fetched]?.result?.text ?? '')
  const task = script.tasks.find(({ id }) => id === brief?.task)
  if (!brief || !task) return complain('The brief gives me nothing to do.')
  const isFirstVisit =
    brief.kind === 'new' && !earlier.some((exchange) => isBriefOf(exchange, brief.task))
  const assignment = { task, brief, isFirstVisit, directory: workingDirectory }
  return nextStep(stepsOf(assignment), exchanges.slice(fetched + 1), (step, reason) =>
    reason.includes('others changed these paths')
      ? restore(assignment, reason)
      : mend(step, reason),
  )
}

export const briefedTasks = ({ exchanges, earlier }: Conversation): readonly string[] =>
  [...earlier, ...exchanges].flatMap(({ tool, result }) =>
    tool === briefTool && result ? (parseBrief(result.text)?.task ?? []) : [],
  )

const isBriefOf = ({ tool, result }: Exchange, task: string): boolean =>
  tool === briefTool && parseBrief(result?.text ?? '')?.task === task

/** What to do before a failed step is tried again. */
function mend(step: ToolStep, reason: string): readonly Step[] {
  if (step.tool === 'Write' || step.tool === 'Edit')
    return [readFile(String(step.input['file_path']))]
  return /commit/i.test(reason) ? [commit('Commit what was left over')] : []
}
