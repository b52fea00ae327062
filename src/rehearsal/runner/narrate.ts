import type { EventType, EventView } from '../../http/contract/event.ts'

/** What a human who watches a rehearsal wants to see; the rest concerns only the server. */
const shown: ReadonlySet<EventType> = new Set([
  'instance-ready',
  'instance-lost',
  'turn-failed',
  'plan-submitted',
  'run-finished',
  'task-started',
  'task-reported',
  'task-blocked',
  'task-answered',
  'merge-landed',
  'merge-conflicted',
  'merge-rejected',
  'merge-failed',
  'sync-failed',
  'credential-refused',
  'credential-placed',
  'credential-replaced',
  'credential-not-replaced',
])

/** Reasons may be long. */
const longest = 200

/** One line for the screen; null for an event that is not shown or that changed nothing. */
export function narrate({ type, text, ignored }: EventView): string | null {
  return ignored === null && shown.has(type) ? text.slice(0, longest) : null
}
