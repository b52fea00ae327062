import type { Commit } from '../../../core/model/ids.ts'
import type { Git } from '../command/git.ts'
import {
  acceptedRef,
  contains,
  deleteRef,
  findRef,
  moveRef,
  publishedRef,
  pushingRef,
  type RefUpdates,
  resolveRef,
  setRef,
  setRefs,
  upstreamRef,
} from '../objects/refs.ts'

/** The origin's head that the hub knows. Hubs of older servers have only that of the last fetch. */
export async function acceptedHead(git: Git, target: string): Promise<Commit> {
  const known = await findRef(git, acceptedRef(target))
  if (known !== null) return known
  const fetched = await resolveRef(git, upstreamRef(target))
  await setRef(git, acceptedRef(target), fetched)
  return fetched
}

/**
 * Notes what a push is about to bring. A push that ends without an answer, or with the server, may
 * have arrived. A person who took it back at once would see it pushed again if the hub knew
 * nothing about it.
 */
export const beginPush = (git: Git, target: string, commit: Commit): Promise<void> =>
  setRef(git, pushingRef(target), commit)

/** What a push is bringing, or may have brought, as long as that is not known. */
export const findPush = (git: Git, target: string): Promise<Commit | null> =>
  findRef(git, pushingRef(target))

/** The origin did not take it. */
export const forgetPush = (git: Git, target: string): Promise<void> =>
  deleteRef(git, pushingRef(target))

/** The origin took it. */
export const recordPush = (git: Git, target: string, commit: Commit): Promise<void> =>
  endPush(git, target, commit, { [publishedRef(target)]: commit })

/** The origin had it: when it does not have it any more, a person has removed it. */
export async function endPush(
  git: Git,
  target: string,
  commit: Commit,
  known: RefUpdates = {},
): Promise<void> {
  const ended = { ...known, [pushingRef(target)]: null }
  for (;;) {
    const accepted = await acceptedHead(git, target)
    // A fetch may have found more at the origin meanwhile: that is not forgotten.
    if (accepted === commit || !(await contains(git, commit, accepted))) return setRefs(git, ended)
    if (await moveRef(git, acceptedRef(target), commit, accepted, ended)) return
  }
}
