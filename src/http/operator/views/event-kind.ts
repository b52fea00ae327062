import type { EventType, SubjectKind } from '../../contract/event.ts'
import type { EventRecord } from './event-record.ts'

/** How one type of event of the core is shown. */
export interface EventKind {
  readonly type: EventType
  readonly subject: SubjectKind | null
  /** A sentence without a period. */
  readonly text: (record: Named) => string
}

/** A record whose names are words for a sentence, also where the record has none. */
export type Named = EventRecord & {
  readonly instance: string
  readonly task: string
  readonly credential: string
  readonly backup: string
}

export const withNames = (record: EventRecord): Named => ({
  ...record,
  instance: record.instance ?? 'an instance',
  task: record.task ?? 'unknown',
  credential: record.credential ?? 'unknown',
  backup: record.backup ?? 'unknown',
})
