import { resumeBackups } from '../entities/backup.ts'
import { adoptCredentials, endCooldowns } from '../entities/credential-leases.ts'
import { markAllOutOfSync, markOutOfSync, resumeSyncs } from '../entities/sync.ts'
import { remindManager } from '../entities/task.ts'
import type { Draft } from '../model/draft.ts'
import type { ServerEvent } from '../model/event.ts'
import type { CredentialId } from '../model/ids.ts'
import type { LineTip } from '../model/line.ts'
import { applied, type Outcome } from '../model/outcome.ts'
import type { State } from '../model/state.ts'
import { applyChangedSettings } from '../rules/changed-settings.ts'
import { expirePhases } from '../rules/deadlines.ts'
import { resumeBaseChecks } from '../rules/base-checks.ts'
import { resumeEnding } from '../rules/ending.ts'
import { resumeMerges } from '../rules/merge-queue.ts'
import { releaseProtected } from '../rules/protected-work.ts'
import { resumeInstances } from '../rules/resuming.ts'
import { adoptTeam } from '../rules/team.ts'

/** Applies what the server itself brings: its start, and the alarm of the next deadline. */
export function applyServerEvent(draft: Draft, event: ServerEvent): Outcome {
  switch (event.type) {
    case 'server-started':
      start(draft, event)
      return applied
    case 'clock-ticked':
      endCooldowns(draft)
      expirePhases(draft)
      for (const task of draft.state.tasks.in('blocked')) remindManager(draft, task)
      return applied
  }
}

/** Issues again every command that a phase waits for; the commands of the last server are lost. */
function start(
  draft: Draft,
  { policy, lines, credentials, changed = [] }: Extract<ServerEvent, { type: 'server-started' }>,
): void {
  const before = draft.state.policy
  draft.set({ policy })
  for (const tip of lines) adoptLine(draft, tip)
  adoptCredentials(draft, credentials, rejectedCredentials(draft.state))
  // A run that is done ends again once the work is there, too.
  if (changed.some(({ effect }) => effect === 'publish')) markAllOutOfSync(draft, 'publish')
  resumeEnding(draft)
  // The lists of a run that is done are those of the team that it had.
  if (draft.state.run.phase.name === 'done')
    return draft.set({ policy: { ...policy, workerCount: before.workerCount } })
  if (draft.state.run.phase.name === 'failed') draft.enterRun({ name: 'planning', asked: 0 })
  resumeBackups(draft)
  applyChangedSettings(draft, changed)
  resumeInstances(draft)
  if (draft.state.run.phase.name !== 'publishing') adoptTeam(draft)
  resumeMerges(draft)
  if (changed.some(({ setting }) => setting === 'protect')) releaseProtected(draft)
  resumeSyncs(draft)
  const isResized = before.workerCount !== policy.workerCount
  if (isResized && draft.state.tasks.size > 0) markAllOutOfSync(draft, 'lists')
  resumeBaseChecks(draft, before)
  markAllOutOfSync(draft, 'upstream')
}

/**
 * A line that is configured no more keeps its tasks. A head that moved without a report was moved
 * by a command of the last server, whose outcome was lost.
 */
function adoptLine(draft: Draft, tip: LineTip): void {
  const known = draft.state.lines.get(tip.id)
  if (known === undefined) return draft.addLine(tip)
  if (known.head !== tip.head) markOutOfSync(draft, tip.id, 'publish')
  draft.setLine(tip.id, tip)
}

/** Their files may have been corrected while the server was down: a start tries them again. */
const rejectedCredentials = ({ credentials }: State): readonly CredentialId[] =>
  [...credentials.values()].flatMap(({ id, phase }) => (phase.name === 'rejected' ? [id] : []))
