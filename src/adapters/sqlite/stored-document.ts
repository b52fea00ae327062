/** One row of the entity table: a part of the state that changes as a whole. */
export interface StoredDocument {
  /** A kind of `kinds.ts`, or one that an older or newer server wrote. */
  readonly kind: string
  readonly id: string
  /** Keeps the order of maps, which is the order of the plan. */
  readonly position: number
  /** 1 in the first release; a change of a kind's shape raises it and adds an upcaster. */
  readonly version: number
  readonly value: unknown
}
