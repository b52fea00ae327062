import type { Commit } from '../../../core/model/ids.ts'
import { directionPath } from '../../../core/text/direction.ts'
import type { RewriteAnswer } from '../../../core/model/rewrite.ts'
import type { ApplyUpstream, ListTexts, UpstreamOutcome } from '../../../ports/repository.ts'
import type { Change, WriteDraft } from '../objects/commit-builder.ts'
import type { Git } from '../command/git.ts'
import { headAndTree } from '../merge/merge.ts'
import { mergeTrees } from '../objects/merged-tree.ts'
import { acceptedHead } from './accepted-head.ts'
import { findLeftPush, type Pushes, settlePush } from './pushes.ts'
import { followedBefore, followOrigin } from './follow.ts'
import { fetchTarget, type Origin } from './origin.ts'
import { type Hub, openQuarantine } from '../transfer/quarantine.ts'
import {
  acceptedRef,
  branchRef,
  commonAncestor,
  contains,
  deleteRef,
  findRef,
  moveRef,
  pendingEditRefs,
  readEditsRef,
  setRef,
  treeOf,
  upstreamRef,
} from '../objects/refs.ts'
import {
  compareTrees,
  type Difference,
  isTaskList,
  readTaskLists,
  readText,
} from '../objects/tree.ts'

type Conflict = Extract<UpstreamOutcome, { type: 'conflict' }>

/** The hub's target, and what writes on it. */
interface Place {
  readonly hub: Hub
  readonly target: string
  readonly write: WriteDraft
  readonly origin: Origin
  readonly pushes: Pushes
}

/**
 * Merges what was pushed to the origin. Where both sides edited a task list and the edits conflict,
 * the origin's version wins: a human wrote it. What is fetched stays in quarantine until `apply`
 * runs.
 */
export async function mergeUpstream(
  git: Git,
  place: Place,
  answer: RewriteAnswer | undefined,
  apply: ApplyUpstream,
): Promise<UpstreamOutcome> {
  const { hub, target, origin, pushes } = place
  const outcome = await knownOutcome(git, target, answer)
  if (outcome !== null) return apply(async () => outcome)
  // Both are read before the fetch: it may not see a push that begins or lands meanwhile.
  const left = await findLeftPush(git, target, pushes)
  const known = await acceptedHead(git, target)
  await using quarantine = await openQuarantine(hub)
  const upstream = await fetchTarget(quarantine, origin, target)
  const accepted =
    left === null ? known : await settlePush(git, { quarantine, origin, target, upstream, left })
  // Awaited here: the quarantine ends with this function.
  return await apply(async () => {
    await quarantine.accept({ [upstreamRef(target)]: upstream })
    return mergeFetched(git, place, { accepted, upstream }, answer)
  })
}

/** What an earlier call found and has to be reported again: it needs no origin. */
async function knownOutcome(
  git: Git,
  target: string,
  answer: RewriteAnswer | undefined,
): Promise<UpstreamOutcome | null> {
  const pending = await findPendingEdits(git, target)
  if (pending !== null) return pending
  if (answer?.verdict !== 'follow' || answer.before === (await acceptedHead(git, target)))
    return null
  const followed = await followedBefore(git, target, answer)
  return followed === null ? null : { type: 'followed', ...followed }
}

async function mergeFetched(
  git: Git,
  { target, write, origin, pushes }: Place,
  { accepted, upstream }: { readonly accepted: Commit; readonly upstream: Commit },
  answer: RewriteAnswer | undefined,
): Promise<UpstreamOutcome> {
  const wanted = answer?.verdict === 'follow' ? answer : null
  const keep = answer?.verdict === 'keep' ? answer.after : null
  if (upstream !== keep && !(await contains(git, upstream, accepted))) {
    // A worker that merges what others pushed must not get what a person has not judged yet.
    await setRef(git, upstreamRef(target), accepted)
    const isAsked = wanted?.before === accepted && (await contains(git, upstream, wanted.after))
    // Whether the origin had what a push is bringing is known when it ends: until then the answer
    // waits, and what was pushed onto the new head since the answer is merged by the next fetch.
    if (isAsked && !pushes.areUnderWay)
      return { type: 'followed', ...(await followOrigin(git, target, write, wanted)) }
    return { type: 'rewritten', before: accepted, after: upstream }
  }
  const ours = await headAndTree(git, target)
  if ((await commonAncestor(git, ours.head, upstream)) === null) {
    throw new Error(
      `${target} of ${origin.shown} shares no history with ours: it was replaced; restore ` +
        'it there or start with a new state directory',
    )
  }
  // A push may have moved it meanwhile.
  if (upstream !== accepted) await moveRef(git, acceptedRef(target), upstream, accepted)
  for (;;) {
    const { head } = await headAndTree(git, target)
    const ancestor = await commonAncestor(git, head, upstream)
    if (ancestor === upstream) return { type: 'unchanged' }
    // The target only grows, so the ancestor found above stays one.
    if (ancestor === null) throw new Error(`${target} lost its history`)
    const editsSince = await lastReadEdits(git, target, ancestor, upstream)
    const edited = (await changes(git, editsSince, upstream)).filter(isWatched)
    const lists = (await changes(git, ancestor, upstream)).filter(isWatched)
    const taskLists = await revisionsOf(git, editsSince, upstream, edited)
    const nowPending =
      edited.length === 0
        ? {}
        : { [pendingEditRefs.before]: editsSince, [pendingEditRefs.after]: upstream }
    const merged =
      ancestor === head ? upstream : await mergeBoth(git, target, write, head, upstream, lists)
    if (typeof merged !== 'string') {
      for (const [ref, commit] of Object.entries(nowPending)) await setRef(git, ref, commit)
      return { ...merged, taskLists }
    }
    if (await moveRef(git, branchRef(target), merged, head, nowPending))
      return { type: 'merged', commit: merged, taskLists }
  }
}

/** Edits that were reported with a conflict are not reported again with a later commit. */
async function lastReadEdits(
  git: Git,
  target: string,
  ancestor: Commit,
  upstream: Commit,
): Promise<Commit> {
  const read = await findRef(git, readEditsRef(target))
  const isBetween =
    read !== null && (await contains(git, upstream, read)) && (await contains(git, read, ancestor))
  return isBetween ? read : ancestor
}

/** Finds a merge whose report was lost because the server crashed after it. */
async function findPendingEdits(git: Git, target: string): Promise<UpstreamOutcome | null> {
  const after = await findRef(git, pendingEditRefs.after)
  const before = after === null ? null : await findRef(git, pendingEditRefs.before)
  if (before === null || after === null) return null
  const { head } = await headAndTree(git, target)
  // Those of a conflict are found again with it.
  if (!(await contains(git, head, after))) return null
  const edited = (await changes(git, before, after)).filter(isWatched)
  return { type: 'merged', commit: head, taskLists: await revisionsOf(git, before, after, edited) }
}

export async function settleUpstream(git: Git, target: string): Promise<void> {
  const after = await findRef(git, pendingEditRefs.after)
  if (after !== null) await setRef(git, readEditsRef(target), after)
  for (const ref of Object.values(pendingEditRefs)) await deleteRef(git, ref)
}

/** The server acts on what people change there. */
const isWatched = ({ path }: Difference): boolean => isTaskList(path) || path === directionPath

/** The commit of the merge, or the paths in conflict. */
async function mergeBoth(
  git: Git,
  target: string,
  write: WriteDraft,
  head: Commit,
  upstream: Commit,
  lists: readonly Difference[],
): Promise<Commit | Omit<Conflict, 'taskLists'>> {
  const { tree, conflicts } = await mergeTrees(git, head, upstream)
  const paths = conflicts.filter((path) => !isTaskList(path))
  if (paths.length > 0) return { type: 'conflict', commit: upstream, paths }
  return write({
    name: 'upstream',
    parents: [head, upstream],
    tree,
    changes: lists.filter(({ path }) => conflicts.includes(path)).map(asTheyHaveIt),
    message: `Merge what others pushed to ${target}\n`,
  })
}

function asTheyHaveIt({ path, after }: Difference): Change {
  return after === null ? { type: 'delete', path } : { type: 'take', path, ...after }
}

async function changes(git: Git, before: Commit, after: Commit): Promise<readonly Difference[]> {
  return compareTrees(git, await treeOf(git, before), await treeOf(git, after))
}

/** The origin's changes to each list and to the direction. */
async function revisionsOf(
  git: Git,
  ancestor: Commit,
  upstream: Commit,
  edited: readonly Difference[],
): Promise<ListTexts> {
  if (edited.length === 0) return {}
  const [before, after] = await Promise.all(
    [ancestor, upstream].map(async (commit): Promise<Readonly<Record<string, string>>> => {
      const direction = await readText(git, commit, directionPath)
      const lists = await readTaskLists(git, commit)
      return direction === null ? lists : { ...lists, [directionPath]: direction }
    }),
  )
  // A file that is there and was not read must not look as if its tasks had been removed.
  return Object.fromEntries(
    edited.map((file) => [
      file.path,
      {
        before: file.before === null ? '' : (before?.[file.path] ?? null),
        after: file.after === null ? '' : (after?.[file.path] ?? null),
      },
    ]),
  )
}
