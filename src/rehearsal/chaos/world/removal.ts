/** A history that a person took back to before a merge. */
export interface Rewrite {
  /** The origin's head before. */
  readonly before: string
  /** Its head after, which does not contain the one before. */
  readonly after: string
  /** What the origin has no longer. */
  readonly commits: readonly string[]
  /** Tasks whose merges are among them, or whose work by hand is. */
  readonly tasks: readonly string[]
}

/** What people took away for good: the run may lack it, and must not bring it back. */
export type Removal = Pick<Rewrite, 'commits' | 'tasks'>

export function joinRemovals(all: readonly Removal[]): Removal {
  return {
    commits: all.flatMap(({ commits }) => commits),
    tasks: all.flatMap(({ tasks }) => tasks),
  }
}
