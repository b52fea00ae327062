import type { Commit } from '../../../core/model/ids.ts'
import { type Git, GitFailure } from '../command/git.ts'
import { contains } from '../objects/refs.ts'
import { hasCommit } from '../transfer/fetch.ts'
import type { Quarantine } from '../transfer/quarantine.ts'
import { acceptedHead, endPush, findPush, forgetPush, recordPush } from './accepted-head.ts'
import { explain, type Origin } from './origin.ts'

/** The pushes of this server that have not ended. */
export class Pushes {
  #count = 0

  get areUnderWay(): boolean {
    return this.#count > 0
  }

  async run<Result>(push: () => Promise<Result>): Promise<Result> {
    this.#count += 1
    try {
      return await push()
    } finally {
      this.#count -= 1
    }
  }
}

/** What a push may have brought whose answer is lost; null while one is under way. */
export const findLeftPush = async (
  git: Git,
  target: string,
  pushes: Pushes,
): Promise<Commit | null> => (pushes.areUnderWay ? null : findPush(git, target))

interface Settling {
  readonly quarantine: Quarantine
  readonly origin: Origin
  readonly target: string
  /** The origin's head, fetched since the push ended. */
  readonly upstream: Commit
  /** What the push may have brought. */
  readonly left: Commit
}

/**
 * Finds out whether a push has arrived whose answer is lost, and returns what the origin had last.
 * An origin that has the commit and not on its branch had it there, and a person took it back. One
 * that does not say is taken for such an origin: then a person is asked once too often.
 */
export async function settlePush(
  git: Git,
  { quarantine, origin, target, upstream, left }: Settling,
): Promise<Commit> {
  if (await contains(quarantine.git, upstream, left)) await recordPush(git, target, left)
  else if ((await isAt(origin, quarantine, left)) === false) await forgetPush(git, target)
  else await endPush(git, target, left)
  return acceptedHead(git, target)
}

const isAt = (origin: Origin, { alone }: Quarantine, commit: Commit): Promise<boolean | null> =>
  hasCommit(alone, origin.address, commit, origin.call).catch((error: unknown) => {
    if (!(error instanceof GitFailure)) throw error
    throw explain(error, `asking ${origin.shown} for the commit of the last push`)
  })
