/** What came of an event: it changed the state, or it was ignored for a reason. */
export type Outcome = Applied | Ignored

export interface Applied {
  readonly isIgnored: false
}

export interface Ignored {
  readonly isIgnored: true
  /** A sentence without a full stop, for the journal and for the sender of the event. */
  readonly reason: string
}

export const applied: Applied = { isIgnored: false }

export const ignored = (reason: string): Ignored => ({ isIgnored: true, reason })
