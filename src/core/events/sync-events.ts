import { originMergeOf } from '../entities/origin-conflict.ts'
import { failSync, finishSync, markOutOfSync } from '../entities/sync.ts'
import type { Draft } from '../model/draft.ts'
import type { SyncEvent } from '../model/sync-event.ts'
import type { Commit, LineId } from '../model/ids.ts'
import { endConflict, enterConflict } from '../rules/origin-conflicts.ts'
import { recheckFailed } from '../rules/base-checks.ts'
import { followOrigin } from '../rules/followed-origin.ts'
import { answerRewrite, endRewrite, enterRewrite } from '../rules/origin-rewrites.ts'
import { isRunOver } from '../model/run.ts'
import { applied, ignored, type Outcome } from '../model/outcome.ts'

/** Applies the outcome of a sync: task lists, push to the origin, fetch from it. */
export function applySyncEvent(draft: Draft, event: SyncEvent): Outcome {
  const { line } = event
  if (!draft.state.lines.has(line)) return ignored(`there is no line ${line}`)
  switch (event.type) {
    case 'lists-committed':
      moveHead(draft, line, event.head)
      finishSync(draft, line, 'lists')
      return applied
    case 'lists-failed':
      failSync(draft, line, 'lists', event.reason)
      return applied
    case 'published':
      finishSync(draft, line, 'publish')
      if (event.head !== undefined && event.head !== draft.line(line).head)
        markOutOfSync(draft, line, 'publish')
      return applied
    case 'publish-refused':
      failSync(draft, line, 'publish', event.reason)
      if (event.isBehind && originMergeOf(draft.state, line) === null)
        markOutOfSync(draft, line, 'upstream')
      return applied
    case 'upstream-merged':
      if (event.head !== draft.line(line).head) recheckFailed(draft, line)
      moveHead(draft, line, event.head)
      finishSync(draft, line, 'upstream')
      endRewrite(draft, line)
      endConflict(draft, line)
      return applied
    case 'upstream-conflicted':
      finishSync(draft, line, 'upstream')
      endRewrite(draft, line)
      // A run that is over does nothing more; the next start fetches again.
      if (!isRunOver(draft.state.run)) enterConflict(draft, line, event.commit, event.paths)
      return applied
    case 'upstream-rewritten':
      finishSync(draft, line, 'upstream')
      enterRewrite(draft, event)
      return applied
    case 'rewrite-answered':
      return answerRewrite(draft, line, event.answer)
    case 'origin-followed':
      finishSync(draft, line, 'upstream')
      followOrigin(draft, event)
      return applied
    case 'upstream-failed':
      failSync(draft, line, 'upstream', event.reason)
      return applied
  }
}

/** The origin must get a head that moved. */
function moveHead(draft: Draft, line: LineId, head: Commit): void {
  if (head !== draft.line(line).head) markOutOfSync(draft, line, 'publish')
  draft.setLine(line, { head })
}
