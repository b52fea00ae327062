import type { Draft } from '../model/draft.ts'
import type { MergeEvent } from '../model/event.ts'
import { applied, ignored, type Outcome } from '../model/outcome.ts'
import { applyMergeEvent as apply, staleMergeEvent } from '../rules/merge-queue.ts'

/** Applies what became of the merge at the head of the queue. */
export function applyMergeEvent(draft: Draft, event: MergeEvent): Outcome {
  const stale = staleMergeEvent(draft, event)
  if (stale !== null) return ignored(stale)
  apply(draft, event)
  return applied
}
