import { failSync, finishSync, markOutOfSync } from '../entities/sync.ts'
import { type CheckFailure, isExplainedBy } from '../model/base-verdict.ts'
import type { CheckEvent } from '../model/check-event.ts'
import type { Draft } from '../model/draft.ts'
import type { Commit, LineId } from '../model/ids.ts'
import type { Line } from '../model/line.ts'
import { applied, ignored, type Outcome } from '../model/outcome.ts'
import type { Policy } from '../model/policy.ts'
import { isRunOver } from '../model/run.ts'

/**
 * After a start the checks run on each branch again, unless they passed on it: the settings or the
 * machine may have changed. `before`: the policy of the last start.
 */
export function resumeBaseChecks(draft: Draft, before: Policy): void {
  const { checks } = draft.state.policy
  const isSame = before.checks.join('\n') === checks.join('\n')
  for (const { id, head, base } of draft.state.lines.values()) {
    if (!isSame) {
      draft.setLine(id, { base: null })
      releaseHeld(draft, id, () => true)
    }
    const hasPassed = isSame && base?.name === 'passed' && base.commit === head
    if (checks.length > 0 && !hasPassed) markOutOfSync(draft, id, 'checks')
  }
}

export function applyCheckEvent(draft: Draft, event: CheckEvent): Outcome {
  const { line } = event
  const known = draft.state.lines.get(line)
  if (known === undefined) return ignored(`there is no line ${line}`)
  switch (event.type) {
    case 'base-passed':
      finishSync(draft, line, 'checks')
      notePass(draft, line, event.commit)
      return applied
    case 'base-failed':
      finishSync(draft, line, 'checks')
      noteFailure(draft, line, event.failure)
      return applied
    case 'base-not-checked':
      failSync(draft, line, 'checks', event.reason)
      return applied
    case 'checks-answered':
      return answer(draft, known, event.answer)
  }
}

/** The checks passed on a commit of the branch: what waits for that is tried again. */
export function notePass(draft: Draft, line: LineId, commit: Commit): void {
  if (draft.state.policy.checks.length === 0) return
  draft.setLine(line, { base: { name: 'passed', commit } })
  releaseHeld(draft, line, () => true)
}

/**
 * The checks fail on a commit of the branch. Work that fails an earlier check is tried again: the
 * branch does not explain that any more.
 */
export function noteFailure(draft: Draft, line: LineId, failure: CheckFailure): void {
  const { base } = draft.line(line)
  const known = base?.name === 'failed' ? base : null
  draft.setLine(line, {
    base: {
      name: 'failed',
      since: known?.since ?? draft.at,
      failure,
      times: (known?.times ?? 0) + 1,
      isAccepted:
        known !== null && known.isAccepted && isExplainedBy(known.failure, failure.position),
    },
  })
  releaseHeld(draft, line, (position) => !isExplainedBy(failure, position))
  if (known === null && draft.state.run.phase.name === 'executing')
    draft.notifyManager({ type: 'checks-fail' })
}

/** Others pushed to a branch that fails its checks, perhaps the repair. */
export function recheckFailed(draft: Draft, line: LineId): void {
  if (draft.line(line).base?.name === 'failed') markOutOfSync(draft, line, 'checks')
}

/**
 * A person accepted that the checks fail: work that fails the check at this place, or a later one,
 * is merged. Null when none is accepted.
 */
export const acceptedPosition = ({ base }: Pick<Line, 'base'>): number | null =>
  base?.name === 'failed' && base.isAccepted ? base.failure.position : null

function answer(draft: Draft, { id, branch, base }: Line, what: 'again' | 'merge'): Outcome {
  if (isRunOver(draft.state.run)) return ignored('the run is over')
  if (base?.name !== 'failed') return ignored(`the checks do not fail on ${branch} as it is`)
  if (what === 'again') markOutOfSync(draft, id, 'checks')
  else {
    draft.setLine(id, { base: { ...base, isAccepted: true } })
    releaseHeld(draft, id, (position) => isExplainedBy(base.failure, position))
  }
  return applied
}

/** Work that waited for the branch is tried again. */
function releaseHeld(draft: Draft, line: LineId, when: (position: number) => boolean): void {
  for (const { task, line: of, phase } of draft.state.merges)
    if (
      of === line &&
      phase.name === 'held' &&
      phase.waitsFor.kind === 'branch' &&
      when(phase.waitsFor.position)
    )
      draft.enterMerge(task, { name: 'queued' })
}
