import { reasonOf } from '../../lib/reason.ts'
import type { GitRepositoryOptions } from './repository.ts'
import { hubEnvironment } from './command/environment.ts'
import { createGit } from './command/git.ts'
import { fetchBranchIfThere, openOrigin } from './origin/origin.ts'
import {
  acceptedRef,
  branchRef,
  commonAncestor,
  deleteRef,
  draftRef,
  findRef,
  resolveRef,
  upstreamRef,
} from './objects/refs.ts'
import { refuseForeignCommits } from './origin/unusable.ts'

/** Whether an origin is the one that a hub was made from and pushed to, under another address. */
export type OriginCheck =
  | { readonly type: 'same' }
  | { readonly type: 'another' | 'unreachable'; readonly reason: string }

type Options = Pick<
  GitRepositoryOptions,
  'path' | 'origin' | 'target' | 'publish' | 'environment' | 'patience'
>

/**
 * Compares the origin's content with what the hub has of it, and changes nothing there. The branch
 * that gets the work is looked at too: it must have nothing that the target lacks.
 */
export async function checkOrigin(options: Options): Promise<OriginCheck> {
  const { target, publish } = options
  const origin = openOrigin(options.origin, options.environment, options.patience)
  const git = createGit(options.path, hubEnvironment(options.environment))
  const known =
    (await findRef(git, acceptedRef(target))) ?? (await findRef(git, upstreamRef(target)))
  if (known === null) return { type: 'same' }
  const there = draftRef('origin-check')
  try {
    const isThere = await fetchBranchIfThere(git, origin, target, there)
    if (!isThere) return another(`${origin.shown} has no branch ${target}, which the run has`)
    const head = await resolveRef(git, there)
    const ancestor = await commonAncestor(git, head, known)
    if (ancestor === null)
      return another(`${target} of ${origin.shown} shares no history with that of the run`)
    if (ancestor !== known)
      return another(
        `${target} of ${origin.shown} lacks commits that the origin had before (up to ` +
          `${known.slice(0, 12)}): push them there first`,
      )
  } catch (error) {
    return { type: 'unreachable', reason: reasonOf(error) }
  } finally {
    await deleteRef(git, there)
  }
  const publishTo = publish.to === 'none' ? null : publish.branch
  try {
    const head = await resolveRef(git, branchRef(target))
    await refuseForeignCommits(git, head, { target, publishTo, origin })
    return { type: 'same' }
  } catch (error) {
    return another(reasonOf(error))
  }
}

const another = (reason: string): OriginCheck => ({ type: 'another', reason })
