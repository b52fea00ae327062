import type { Conversation, Exchange } from './conversation.ts'
import { parseBrief } from './brief.ts'
import { bringOwnWork, concludeRebase, ownWorkCommands } from './own-work.ts'
import { fetchedFor, mendOriginMerge, originMerge } from './origin-merge.ts'
import { remedyIn } from './remedies.ts'
import type { Script } from './script.ts'
import { call, complain, hasFailed, nextStep, speak, type Step, type ToolStep } from './step.ts'
import { commit, noCommitTool, readFile, reportNoCommit, restore, stepsOf } from './work.ts'

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
  // A person may tick or remove a task at the moment in which its worker is prompted.
  if (fetched < 0 && exchanges.at(-1)?.result?.text.includes('You hold no task'))
    return speak('My task is gone.')
  if (fetched < 0) return nextStep([call(briefTool, {})], exchanges, mend)
  const brief = parseBrief(exchanges[fetched]?.result?.text ?? '')
  const done = exchanges.slice(fetched + 1)
  const fetch = brief ? fetchedFor(brief) : null
  if (brief && fetch !== null)
    return nextStep(originMerge(brief, fetch), done, mendOriginMerge(fetch))
  const task = script.tasks.find(({ id }) => id === brief?.task)
  if (!brief || !task) return complain('The brief gives me nothing to do.')
  const isFirstVisit =
    brief.kind === 'new' && !earlier.some((exchange) => isBriefOf(exchange, brief.task))
  const assignment = { task, brief, isFirstVisit, directory: workingDirectory }
  return nextStep(stepsOf(assignment), done, (step, reason) =>
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
  const commands = ownWorkCommands(reason)
  if (commands !== null) return [bringOwnWork(commands)]
  const remedy = remedyIn(reason)
  if (remedy !== null) return [remedy]
  if (reason.includes('A rebase is unfinished')) return [concludeRebase]
  if (step.tool === 'Write' || step.tool === 'Edit')
    return [readFile(String(step.input['file_path']))]
  const lacksMore = /Commit these changes|is unfinished|put the work there/.test(reason)
  if (reason.includes(noCommitTool) && !lacksMore) return [reportNoCommit]
  return /commit/i.test(reason) ? [commit('Commit what was left over')] : []
}
