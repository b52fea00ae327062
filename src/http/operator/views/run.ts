import { budgetVerdict } from '../../../core/model/ledger.ts'
import { leadLine, type Line, type Sync } from '../../../core/model/line.ts'
import type { RunPhase } from '../../../core/model/run.ts'
import type { State } from '../../../core/model/state.ts'
import { awaitsPerson, whyStuck } from '../../../core/entities/task.ts'
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
import { isLeftToPerson, needOfConflict, needOfOrigins, needOfRewrite } from './origin-needs.ts'
import { poolHints } from './pool-hints.ts'
import { lastWords, noticesOfSilence } from './running-check.ts'
import { needOfUpload } from './upload.ts'
import { needOfWithheld } from './withheld.ts'

export interface RunSource {
  readonly state: State
  /** Why the server cannot reach its instances, as a sentence with its remedy; null when it can. */
  readonly runtimeOutage: string | null
  /** The checks that run now. */
  readonly runningChecks: readonly RunningCheck[]
  /** Writes the command lines of remedies. */
  readonly curl: CurlOf
  /** Path of the hub. */
  readonly hub: string
}

export function viewRun(source: RunSource): RunView {
  const { state, runtimeOutage, runningChecks: running } = source
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
    needs: runtimeOutage ?? needsOf(source),
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
function needsOf({ state, curl, hub }: RunSource): string | null {
  const { run, lines, ledger, policy } = state
  if (run.phase.name === 'done') return null
  const rewritten = [...lines.values()].find(({ rewrite }) => rewrite !== null)
  const conflict = [...lines.values()].find((line) => isLeftToPerson(state, line))
  const ofConflict = conflict ? needOfConflict(conflict, hub) : null
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
  const hints = poolHints(state, curl)
  if (hints !== null) return hints
  if (run.phase.name === 'awaiting-approval')
    return `the plan waits for your approval: ${curl(routes.approvePlan)}`
  if (rewritten) return needOfRewrite(rewritten, curl)
  if (ofConflict !== null) return ofConflict
  const proposed = state.tasks.countIn('proposed')
  if (proposed > 0)
    return `new tasks wait for your approval (${proposed}): ${curl(routes.approvePlan)}`
  if (isManagerSilent(state)) return needOfTasks(state, curl)
  const stuck = [...state.tasks.in('blocked')].find((task) => awaitsPerson(state, task))
  const why = stuck ? whyStuck(state.policy, stuck) : null
  if (stuck && why) return needOfStuck(stuck, why, curl)
  for (const merge of state.merges) {
    const work = workToAnswer(merge)
    if (work !== null) return needOfProtected(merge.task, work, curl)
  }
  const ofChecks = needOfChecks(state, curl)
  if (ofChecks !== null) return ofChecks
  const syncs = [...lines.values()].flatMap(syncsToShow)
  const failed = [...syncs, ...mergeHeads(state).map(({ phase }) => phase)].find(
    (each) => each.name === 'failed',
  )
  return failed?.name === 'failed' ? failed.reason : needOfUpload(state.hosts, curl)
}

/**
 * A push that failed once needs no person: others may have pushed at that moment, and the fetch
 * that follows takes their commits in.
 */
const syncsToShow = ({ upstream, publish, lists }: Line): readonly Sync[] =>
  publish.name === 'failed' && publish.tries < 2 ? [upstream, lists] : [upstream, publish, lists]

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

const problems = {
  returned: 'its work was returned again and again',
  'given-up': 'its workers stop without a report, or hang, again and again',
  lost: 'its workers are lost again and again',
} as const

const needOfStuck = ({ id, rounds, title }: Task, why: keyof typeof problems, curl: CurlOf) =>
  `task ${id} (${title}) is not done: ${problems[why]}, also after ${rounds} answers of the ` +
  `Manager. Say how to continue: ${curl(routes.answerTask, { task: id }, { answer: '…' })} ; or ` +
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
