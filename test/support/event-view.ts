import type { EventView } from '../../src/http/contract/event.ts'
import { isoTime } from '../../src/lib/iso-time.ts'

/** An event of the stream at so many milliseconds since the epoch, which are also its sequence. */
export const eventAt = (at: number, change: Partial<EventView>): EventView => ({
  sequence: at,
  at: isoTime(at),
  type: 'other',
  subject: null,
  text: 'something happened',
  ignored: null,
  instance: null,
  launch: null,
  task: null,
  credential: null,
  commit: null,
  modelError: null,
  actions: [],
  ...change,
})

export const modelError = (
  kind: NonNullable<EventView['modelError']>['kind'],
): NonNullable<EventView['modelError']> => ({
  kind,
  window: kind === 'quota' ? 'five-hour' : null,
  until: null,
  inSubagent: false,
})
