import type { Commit } from '../../src/core/model/ids.ts'
import type { FakeOrigin } from './origin.ts'
import type { Unanswered } from './taken-back.ts'
import type { Edits } from './three-way.ts'

/** What people do at the origin, and find there. */
export interface OriginPeople {
  /** Everything that humans pushed to the origin's target. */
  readonly pushes: readonly Commit[]
  /** A human merges the hub's target into the origin's by hand. */
  mergeByHand(): void
  /** A human takes back the last commits of the origin's target. */
  takeBack(count: number): void
  /** A human force-pushes this commit to the origin's target. */
  rewriteOrigin(commit: Commit): void
  /** A human deletes the target at the origin. */
  deleteUpstream(): void
  /** A human pushes a deleted target again, as it was; one that is there stays. */
  restoreUpstream(): void
  /** What a human took back, and the hub pushed again without being asked. */
  readonly undone: readonly Commit[]
  /** What a human pushes to the origin's target. */
  pushUpstream(edits: Edits): Commit
  /** A file on a branch of the origin. */
  readOrigin(branch: string, path: string): string | null
  /** Every push that would change something is refused for this reason; null ends that. */
  refusePushes(reason: string | null): void
  /** The hub receives no answer to the next push. */
  loseAnswer(unanswered: Unanswered): void
  /** The head of a branch of the origin; null when it has no such branch. */
  originHead(branch: string): Commit | null
}

export const peopleAt = (origin: FakeOrigin): OriginPeople => ({
  pushes: origin.pushes,
  undone: origin.takenBack.undone,
  mergeByHand: () => origin.mergeByHand(),
  takeBack: (count) => origin.takeBack(count),
  rewriteOrigin: (commit) => origin.rewrite(commit),
  deleteUpstream: () => origin.deleteTarget(),
  restoreUpstream: () => origin.restoreTarget(),
  pushUpstream: (edits) => origin.push(edits),
  readOrigin: (branch, path) => origin.read(branch, path),
  refusePushes: (reason) => origin.refusePushes(reason),
  loseAnswer: (unanswered) => origin.loseAnswer(unanswered),
  originHead: (branch) => origin.head(branch),
})
