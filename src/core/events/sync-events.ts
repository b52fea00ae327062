import { failSync, finishSync, markOutOfSync } from '../entities/sync.ts'
import type { Draft } from '../model/draft.ts'
import type { SyncEvent } from '../model/event.ts'
import type { Commit } from '../model/ids.ts'
import { applied, type Outcome } from '../model/outcome.ts'

/** Applies the outcome of a sync: task lists, push to the origin, fetch from it. */
export function applySyncEvent(draft: Draft, event: SyncEvent): Outcome {
  switch (event.type) {
    case 'lists-committed':
      moveHead(draft, event.head)
      finishSync(draft, 'lists')
      return applied
    case 'lists-failed':
      failSync(draft, 'lists', event.reason)
      return applied
    case 'published':
      finishSync(draft, 'publish')
      return applied
    case 'publish-refused':
      failSync(draft, 'publish', event.reason)
      if (event.isBehind) markOutOfSync(draft, 'upstream')
      return applied
    case 'upstream-merged':
      moveHead(draft, event.head)
      finishSync(draft, 'upstream')
      return applied
    case 'upstream-failed':
      failSync(draft, 'upstream', event.reason)
      return applied
  }
}

/** The origin must get a head that moved. */
function moveHead(draft: Draft, head: Commit): void {
  if (head !== draft.state.run.head) markOutOfSync(draft, 'publish')
  draft.setRun({ head })
}
