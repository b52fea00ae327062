import { markOutOfSync } from '../entities/sync.ts'
import type { Draft } from '../model/draft.ts'
import type { LineId } from '../model/ids.ts'
import { applied, ignored, type Outcome } from '../model/outcome.ts'
import type { RewriteVerdict } from '../model/rewrite.ts'
import { isRunOver } from '../model/run.ts'
import type { SyncEvent } from '../model/sync-event.ts'

/**
 * The origin lost commits that it had: a person decides. Nothing is pushed or merged until then.
 */
export function enterRewrite(
  draft: Draft,
  { line, before, after }: Extract<SyncEvent, { type: 'upstream-rewritten' }>,
): void {
  const known = draft.line(line).rewrite
  const isSame = known?.before === before && known.after === after
  if (!isSame) draft.setLine(line, { rewrite: { since: draft.at, before, after, verdict: null } })
  markOutOfSync(draft, line, 'publish')
}

export function answerRewrite(draft: Draft, line: LineId, verdict: RewriteVerdict): Outcome {
  const { rewrite } = draft.line(line)
  if (isRunOver(draft.state.run)) return ignored('the run is over')
  if (rewrite === null) return ignored(`the origin of line ${line} was not rewritten`)
  // The hub may have moved the target already, and only its outcome says what became of the work.
  if (rewrite.verdict === 'follow' && verdict !== 'follow')
    return ignored(`line ${line} follows the new history already`)
  draft.setLine(line, { rewrite: { ...rewrite, verdict } })
  markOutOfSync(draft, line, 'upstream')
  return applied
}

/** The origin was put back, or a person's answer is carried out. */
export function endRewrite(draft: Draft, line: LineId): void {
  if (draft.line(line).rewrite !== null) draft.setLine(line, { rewrite: null })
}
