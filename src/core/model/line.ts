import type { BaseVerdict } from './base-verdict.ts'
import type { Commit, Instant, LineId, RepositoryId, TaskId } from './ids.ts'
import type { RewriteVerdict } from './rewrite.ts'

/** One branch of one repository into which the run merges finished work, with its own queue. */
export interface Line {
  readonly id: LineId
  readonly repository: RepositoryId
  /** The branch, in the hub and on the origin. */
  readonly branch: string
  /** The head of the branch in the hub. */
  readonly head: Commit
  /** The task lists on the branch match the plan. */
  readonly lists: Sync
  /** The origin has the hub's head. */
  readonly publish: Sync
  /** The hub has the origin's head. */
  readonly upstream: Sync
  /** What the checks say of the branch itself is recorded in `base`. */
  readonly checks: Sync
  /** Null while it is unknown, or no checks are configured. */
  readonly base: BaseVerdict | null
  /** Commits of the origin that conflict with the line; null while there are none. */
  readonly conflict: OriginConflict | null
  /** The origin's history was rewritten, and a person has to say what that means. */
  readonly rewrite: OriginRewrite | null
}

/** Until a person answers or the origin is put back, the line is neither merged nor pushed. */
export interface OriginRewrite {
  readonly since: Instant
  /** The origin's head that is gone from its history. */
  readonly before: Commit
  readonly after: Commit
  /** What a person wants; null until the answer. */
  readonly verdict: RewriteVerdict | null
}

/** A worker merges them as a task; until then the line is not pushed. */
export interface OriginConflict {
  readonly since: Instant
  readonly task: TaskId
  /** The origin's head. */
  readonly commit: Commit
  /** The first ones, where there are many. */
  readonly paths: readonly string[]
}

/** What the server reads of a line when it starts: its configuration, and its head in the hub. */
export type LineTip = Pick<Line, 'id' | 'repository' | 'branch' | 'head'>

/** In the order in which they are started: others' commits first, the push last. */
export const syncNames = ['upstream', 'lists', 'checks', 'publish'] as const
export type SyncName = (typeof syncNames)[number]

/**
 * Keeps the lists, the origin, the hub or the verdict of the checks up to date: its command runs
 * whenever it is `outdated`.
 */
export type Sync =
  | { readonly name: 'current'; readonly since: Instant }
  /** `failure`: of its last run, while something holds it; it says nothing to the next run. */
  | { readonly name: 'outdated'; readonly failure: SyncFailure | null }
  /** `isStale`: something changed while it ran, so it must run again. */
  | {
      readonly name: 'running'
      readonly since: Instant
      readonly tries: number
      readonly isStale: boolean
    }
  | {
      readonly name: 'failed'
      readonly since: Instant
      readonly reason: string
      readonly tries: number
      readonly until: Instant
    }

interface SyncFailure {
  readonly reason: string
  readonly tries: number
}

/** Why it failed last, and how often; null where it did not. */
export function failureOf(sync: Sync): SyncFailure | null {
  if (sync.name === 'outdated') return sync.failure
  return sync.name === 'failed' ? { reason: sync.reason, tries: sync.tries } : null
}

/** A line that the run has not changed yet. */
export function newLine(tip: LineTip, at: Instant): Line {
  const current = { name: 'current', since: at } as const
  return {
    ...tip,
    lists: current,
    publish: current,
    upstream: current,
    checks: current,
    base: null,
    conflict: null,
    rewrite: null,
  }
}

/** The line of tasks that name none: the first one of the configuration. */
export function leadLine(lines: ReadonlyMap<LineId, Line>): Line {
  for (const line of lines.values()) return line
  throw new Error('the run has no line')
}
