import { budgetVerdict } from '../../../core/model/ledger.ts'
import { originMergeOf } from '../../../core/entities/origin-conflict.ts'
import { failureOf, leadLine, type Line } from '../../../core/model/line.ts'
import type { RunPhase } from '../../../core/model/run.ts'
import type { State } from '../../../core/model/state.ts'
import { awaitsPerson } from '../../../core/entities/task.ts'
import type { Task } from '../../../core/model/task.ts'
import { isAllOver, isManagerSilent } from '../../../core/entities/plan-progress.ts'
import { mergeHeads } from '../../../core/rules/merge-queue.ts'
import { workToAnswer } from '../../../core/rules/protected-work.ts'
import type { RunningCheck } from '../../../engine/observe/running-checks.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import { routes } from '../../contract/routes.ts'
import type { RunView } from '../../contract/run.ts'
import type { CurlOf } from './curl.ts'
import { viewLine } from './line.ts'
import { needOfProtected } from './merge.ts'
import { poolHints } from './pool-hints.ts'
import { lastWords, noticesOfSilence } from './running-check.ts'
import { needOfUpload } from './upload.ts'
import { needOfWithheld } from './withheld.ts'

/**
 * `outage`: why the server cannot reach its instances, with the remedy; null when it can.
 * `running`: the checks that run now.
 */
export function viewRun(
  state: State,
  outage: string | null,
  curl: CurlOf,
  running: readonly RunningCheck[] = [],
): RunView {
  const { id, phase, notices } = state.run
  const { head, lists, publish, upstream } = viewLine(leadLine(state.lines), running)
  return {
    id,
    phase: publicPhase[phase.name],
    since: isoTime(phase.since),
    reason: phase.name === 'failed' ? phase.reason : null,
    head,
    lists,
    publish,
    upstream,
    report: 'report' in phase ? phase.report : null,
    notices: [...notices, ...noticesOfSilence(running, state.lines)]
      .toSorted((a, b) => a.at - b.at)
      .map(({ at, kind, text }) => ({ at: isoTime(at), kind, text })),
    needs: outage ?? needsOf(state, curl),
  }
}

const publicPhase: Record<RunPhase['name'], RunView['phase']> = {
  planning: 'planning',
  'awaiting-approval': 'awaiting-approval',
  executing: 'executing',
  finishing: 'finishing',
  publishing: 'publishing',
  done: 'done',
  failed: 'failed',
}

/** The most pressing need first; only one is shown. */
function needsOf(state: State, curl: CurlOf): string | null {
  const { run, lines, ledger, policy } = state
  if (run.phase.name === 'done') return null
  const rewritten = [...lines.values()].find(({ rewrite }) => rewrite !== null)
  const conflict = [...lines.values()].find((line) => isLeftToPerson(state, line))
  const ofConflict = conflict ? needOfConflict(conflict) : null
  if (run.phase.name === 'publishing') {
    const ofOrigin = rewritten ? needOfRewrite(rewritten, curl) : ofConflict
    return ofOrigin === null
      ? needOfOrigins(state, curl)
      : `${needOfOrigins(state, curl)} ; ${ofOrigin}`
  }
  if (budgetVerdict(ledger, policy.budget, null) === 'exceeded')
    return (
      'the budget of the run is used up, so no new task is started: ' +
      'raise budget.perRun and restart the server, or let the run end here'
    )
  if (run.phase.name === 'failed') return run.phase.reason
  const withheld = [...state.instances.values()]
    .map((each) => needOfWithheld(state, each, curl))
    .find((need) => need !== null)
  if (withheld !== undefined) return withheld
  const hints = poolHints(state)
  if (hints !== null) return hints
  if (run.phase.name === 'awaiting-approval')
    return `the plan waits for your approval: ${curl(routes.approvePlan)}`
  if (rewritten) return needOfRewrite(rewritten, curl)
  if (ofConflict !== null) return ofConflict
  const proposed = state.tasks.countIn('proposed')
  if (proposed > 0)
    return `new tasks wait for your approval (${proposed}): ${curl(routes.approvePlan)}`
  if (isManagerSilent(state)) return needOfTasks(state, curl)
  const returned = [...state.tasks.in('blocked')].find((task) => awaitsPerson(state, task))
  if (returned) return needOfReturned(returned, curl)
  for (const merge of state.merges) {
    const work = workToAnswer(merge)
    if (work !== null) return needOfProtected(merge.task, work, curl)
  }
  const ofChecks = needOfChecks(state, curl)
  if (ofChecks !== null) return ofChecks
  const syncs = [...lines.values()].flatMap(({ upstream, publish, lists }) => [
    ...[upstream, publish, lists],
  ])
  const stuck = [...syncs, ...mergeHeads(state).map(({ phase }) => phase)].find(
    (each) => each.name === 'failed',
  )
  return stuck?.name === 'failed' ? stuck.reason : needOfUpload(state.hosts, curl)
}

/** The checks fail on a branch without the work of any task, and no person has accepted that. */
function needOfChecks({ lines, merges }: State, curl: CurlOf): string | null {
  for (const { id, branch, base, checks } of lines.values()) {
    if (checks.name === 'failed')
      return `the checks cannot be run on ${branch} (${checks.reason}); they are tried again`
    if (base?.name !== 'failed' || base.isAccepted) continue
    const { command, output } = base.failure
    const held = merges.filter(
      (merge) => merge.line === id && merge.phase.name === 'held' && workToAnswer(merge) === null,
    ).length
    const answer = (what: 'again' | 'merge') =>
      curl(routes.answerChecks, { line: id }, { answer: what })
    return (
      `the check "${command}" fails on ${branch} itself, without the work of a task: ` +
      `${lastWords(output)} ; work that fails it too waits (${held} now). Push a repair, or correct ` +
      `"checks" in the configuration and restart the server, or run the checks again: ` +
      `${answer('again')} ; to merge work although it fails there: ${answer('merge')}`
    )
  }
  return null
}

const needOfReturned = ({ id, rounds, title }: Task, curl: CurlOf): string =>
  `the work of task ${id} (${title}) was returned again and again, also after ${rounds} answers of ` +
  `the Manager: say how to continue: ${curl(routes.answerTask, { task: id }, { answer: '…' })} ; or ` +
  `cancel it: ${curl(routes.cancelTask, { task: id }, { reason: '…' })}`

function needOfTasks(state: State, curl: CurlOf): string {
  const { phase } = state.run
  const asked = phase.name === 'executing' ? phase.askedForMore.times + phase.askedToFinish : 0
  const end = isAllOver(state) ? 'to end the run' : 'to end the run after the tasks that are left'
  return (
    `the Manager says that the plan is not complete, but added no task in ${asked} requests: ` +
    'add tasks to a WORKER_{N}_TASK_LIST.md on the target branch, or, ' +
    `${end}: ${curl(routes.completePlan)}`
  )
}

/** Why the run is not done although everything is built, and how a person can end it. */
function needOfOrigins({ lines }: State, curl: CurlOf): string {
  const reasons = [...lines.values()].flatMap(({ branch, publish, upstream }) => {
    const failure = failureOf(upstream) ?? failureOf(publish)
    if (publish.name === 'current' && failure === null) return []
    return [`${branch}${failure === null ? '' : ` (${failure.reason})`}`]
  })
  const why =
    reasons.length === 0
      ? 'the run waits for a last fetch from its origin; '
      : `the origin does not take the last work of the run on ${reasons.join(', ')}; `
  return (
    why +
    'the server tries again and again. ' +
    `To end the run without that: ${curl(routes.acceptRun)}`
  )
}

/** The task that would merge the origin's commits was cancelled. */
const isLeftToPerson = (state: State, { id, conflict }: Line): boolean =>
  conflict !== null && originMergeOf(state, id) === null

function needOfConflict({ branch, conflict }: Line): string {
  const paths = conflict?.paths.slice(0, 5).join(', ')
  return (
    `commits pushed to ${branch} of the origin conflict with the run's work (${paths}), and the task ` +
    `that merges them is over: merge the branch ${branch} of hub.git in the state directory by hand, ` +
    'and push the result'
  )
}

function needOfRewrite({ id, branch, rewrite, upstream }: Line, curl: CurlOf): string {
  const verdict = rewrite?.verdict ?? null
  // The other answer may be refused by now.
  if (verdict !== null) {
    const failed = upstream.name === 'failed' ? `: ${upstream.reason} ; it is tried again` : ''
    return (
      `the history of ${branch} at the origin was rewritten, and you answered "${verdict}". Nothing ` +
      `is pushed or merged until the server has done that, or you put the branch back${failed}`
    )
  }
  return (
    `the history of ${branch} at the origin was rewritten: it was at ${rewrite?.before}, and ` +
    `${rewrite?.after} does not contain that. Nothing is pushed or merged until you put the branch ` +
    'back, or follow the new history, which replays on it only what the origin never had: ' +
    `${curl(routes.answerRewrite, { line: id }, { answer: 'follow' })} ; ` +
    'or merge both histories, which brings back what the rewrite removed: ' +
    curl(routes.answerRewrite, { line: id }, { answer: 'keep' })
  )
}
