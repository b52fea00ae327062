import type { Instant, LineId } from './ids.ts'

/**
 * Something that a person or the Manager should know and may act on. `edit`: an edit of a task list
 * that could not be carried out as it reads. `direction`: PROJECT_DIRECTION.md was changed.
 * `cancelled`: a person's cancellation, with what it took along. `rewritten`: merged work that a
 * person removed from the origin.
 */
export interface Notice {
  readonly at: Instant
  readonly kind: 'edit' | 'direction' | 'cancelled' | 'rewritten'
  /** Where an edit was made; null for a request to the server. */
  readonly line: LineId | null
  readonly text: string
}
