import { failSync, finishSync, markOutOfSync } from '../entities/sync.ts'
import type { Draft } from '../model/draft.ts'
import type { SyncEvent } from '../model/event.ts'
import type { Commit, LineId } from '../model/ids.ts'
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
      return applied
    case 'publish-refused':
      failSync(draft, line, 'publish', event.reason)
      if (event.isBehind) markOutOfSync(draft, line, 'upstream')
      return applied
    case 'upstream-merged':
      moveHead(draft, line, event.head)
      finishSync(draft, line, 'upstream')
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
