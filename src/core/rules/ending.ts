import { releaseCredential } from '../entities/credential-leases.ts'
import { markAllOutOfSync } from '../entities/sync.ts'
import type { Draft } from '../model/draft.ts'
import type { Instant } from '../model/ids.ts'
import type { Line } from '../model/line.ts'
import { applied, ignored, type Outcome } from '../model/outcome.ts'
import { hubTimeoutMs } from '../model/policy.ts'
import { firstTry, nextTry, type Retry } from '../model/retry.ts'
import type { Run } from '../model/run.ts'
import { finishStop, stopInstance } from './stopping.ts'
import { adoptTeam } from './team.ts'

/** Failed pushes or fetches in a row after which the run waits for the origin without its team. */
const triesWithTeam = 3

/** Everything is built: what is left is the report, the lists and the last push. */
export function finishRun(draft: Draft, report: string): void {
  draft.enterRun({ name: 'finishing', report, isWritten: false, ...tryNow(draft) })
  writeReport(draft, report)
  markAllOutOfSync(draft, 'lists')
}

/**
 * Ends the run once its report is written and the origin of every line has everything. While pushes
 * keep failing, the team is stopped and only the syncs go on.
 */
export function closeRun(draft: Draft): void {
  const { phase } = draft.state.run
  if ((phase.name !== 'finishing' && phase.name !== 'publishing') || !phase.isWritten) return
  const lines = [...draft.state.lines.values()]
  if (lines.every(isComplete)) return endRun(draft, { isAccepted: false })
  if (phase.name === 'finishing' && lines.every(isStuck)) waitForOrigin(draft)
}

/**
 * The run needs nothing more of this line. The last fetch counts, too: the origin may hold a task
 * that was just added to a list.
 */
const isComplete = ({ lists, upstream, publish, rewrite }: Line): boolean =>
  rewrite === null && [lists, upstream, publish].every(({ name }) => name === 'current')

/** The origin refuses the last push or fetch, or a person has to judge its history. */
const isStuck = ({ lists, upstream, publish, rewrite }: Line): boolean =>
  lists.name === 'current' &&
  (rewrite !== null ||
    [upstream, publish].every(
      (sync) => sync.name === 'current' || (sync.name === 'failed' && sync.tries >= triesWithTeam),
    ))

const isPublished = ({ publish }: Line): boolean => publish.name === 'current'

/** Stops the team and frees its credentials; the report gets a list of what the origins lack. */
function waitForOrigin(draft: Draft): void {
  const { phase } = draft.state.run
  if (phase.name !== 'finishing' && phase.name !== 'done') return
  const { report } = phase
  draft.enterRun({ name: 'publishing', report, isWritten: false, ...tryNow(draft) })
  stopTeam(draft)
  writeReport(draft, report)
}

function stopTeam(draft: Draft): void {
  for (const { id, phase } of draft.state.instances.values()) {
    releaseCredential(draft, id, true)
    if (phase.name !== 'stopping' && phase.name !== 'stopped') stopInstance(draft, id)
  }
}

/** A person takes the run as it is, without what its origins lack. */
export function acceptRun(draft: Draft): Outcome {
  const { phase } = draft.state.run
  if (phase.name !== 'publishing')
    return ignored(`the run is ${phase.name}: only a run that waits for an origin can be accepted`)
  endRun(draft, { isAccepted: true })
  return applied
}

function endRun(draft: Draft, { isAccepted }: { readonly isAccepted: boolean }): void {
  const { phase } = draft.state.run
  if (phase.name !== 'finishing' && phase.name !== 'publishing') return
  // The report of a run that waited for an origin says what that lacked.
  const isOutdated = phase.name === 'publishing' && !isAccepted
  const isWritten = phase.isWritten && !isOutdated
  const { report } = phase
  const retry = tryNow(draft)
  draft.enterRun({ name: 'done', report, isWritten, isStopped: false, isAccepted, ...retry })
  for (const { id, phase: last } of draft.state.instances.values())
    if (last.name !== 'stopping' && last.name !== 'stopped') stopInstance(draft, id)
  if (!isWritten) writeReport(draft, report)
  draft.issue({ type: 'stop-everything' })
}

/** A task that appears at the end is still done; a stopped team starts again. */
export function resumeWork(draft: Draft): void {
  const { phase } = draft.state.run
  if (phase.name !== 'finishing' && phase.name !== 'publishing') return
  const askedForMore = { times: 0, since: draft.at }
  draft.enterRun({ name: 'executing', askedToFinish: 0, askedForMore })
  if (phase.name === 'publishing') adoptTeam(draft)
}

/** When the last commands of the run are issued again; null when they succeeded. */
export function endingDue({ phase }: Run): Instant | null {
  const isWaiting =
    ('isWritten' in phase && !phase.isWritten) || (phase.name === 'done' && !phase.isStopped)
  return isWaiting ? phase.until : null
}

/** Issues the last commands of the run again when they are due. */
export function expireEnding(draft: Draft): void {
  const due = endingDue(draft.state.run)
  if (due !== null && due <= draft.at) repeatEnding(draft)
}

/**
 * A restarted server issues the last commands of the run again. After a run that is done, it stops
 * everything again. Older servers ended a run that its origin had refused; such a run goes on
 * publishing.
 */
export function resumeEnding(draft: Draft): void {
  const { phase } = draft.state.run
  const areAllPublished = [...draft.state.lines.values()].every(isPublished)
  if (phase.name === 'done' && !phase.isAccepted && !areAllPublished) return waitForOrigin(draft)
  if (phase.name === 'done')
    draft.setRun({ phase: { ...phase, isStopped: false, ...tryNow(draft) } })
  if (phase.name === 'publishing')
    draft.setRun({ phase: { ...phase, isWritten: false, ...tryNow(draft) } })
  if (endingDue(draft.state.run) !== null) repeatEnding(draft)
}

export function finishReport(draft: Draft): Outcome {
  const { phase } = draft.state.run
  if (!('isWritten' in phase)) return ignored('the run is not finishing')
  draft.setRun({ phase: { ...phase, isWritten: true, reason: null } })
  return applied
}

/** Everything of the run is stopped. */
export function finishEnding(draft: Draft): void {
  for (const instance of draft.state.instances.values())
    if (instance.phase.name === 'stopping') finishStop(draft, instance)
  const { phase } = draft.state.run
  if (phase.name === 'done') draft.setRun({ phase: { ...phase, isStopped: true, reason: null } })
}

function repeatEnding(draft: Draft): void {
  const { phase } = draft.state.run
  if (!('isWritten' in phase)) return
  const retry = nextTry(phase, draft.at, hubTimeoutMs(draft.state.policy))
  draft.setRun({ phase: { ...phase, ...retry } })
  if (!phase.isWritten) writeReport(draft, phase.report)
  if (phase.name === 'done' && !phase.isStopped) draft.issue({ type: 'stop-everything' })
}

/** With the lines whose origins lack work, once pushes have failed often enough. */
function writeReport(draft: Draft, report: string): void {
  const { run, lines } = draft.state
  const isMissing = run.phase.name === 'publishing' || run.phase.name === 'done'
  const unpublished = [...lines.values()].flatMap((line) =>
    isMissing && !isPublished(line) ? [line.id] : [],
  )
  draft.issue({ type: 'write-report', report, unpublished })
}

const tryNow = (draft: Draft): Retry => firstTry(draft.at, hubTimeoutMs(draft.state.policy))
