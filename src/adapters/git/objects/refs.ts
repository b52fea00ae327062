import { type BackupId, Commit, type InstanceId, type TaskId } from '../../../core/model/ids.ts'
import { type Git, GitFailure } from '../command/git.ts'
import { readRef } from './ref-files.ts'
import { known, remember, remembered } from './remembered.ts'

export const branchRef = (branch: string): string => `refs/heads/${branch}`
export const upstreamRef = (branch: string): string => `refs/upstream/${branch}`
/** The origin's head that the hub knows and no person has to judge. */
export const acceptedRef = (branch: string): string => `refs/accepted/${branch}`
/** What a push to the origin's target is bringing; see `accepted-head.ts`. */
export const pushingRef = (branch: string): string => `refs/pushing/${branch}`
/** What the last push brought to a branch of the origin. */
export const publishedRef = (branch: string): string => `refs/published/${branch}`
export const instanceRef = (instance: InstanceId, task: TaskId): string =>
  `refs/instances/${instance}/task/${task}`
/** What `workspace ready` offers of a branch that was rewritten; see `intake.ts`. */
export const earlierRef = (instance: InstanceId, task: TaskId): string =>
  `refs/instances/${instance}/earlier/${task}`
/** The commit from which another worker continues when this one is lost. */
export const taskRef = (task: TaskId): string => `refs/tasks/${task}`
export const backupRef = (backup: BackupId): string => `refs/backup/${backup}`
/** What a backup builds on in the hub: it keeps what the repository of backups borrows. */
export const backupBases = (backup: BackupId): string => `refs/backup-bases/${backup}/`
/** A backup in the workspace of the worker that goes on with its task. */
export const deliveredRef = (backup: BackupId): string => `refs/worktree/backup/${backup}`
/** A range of commits whose task list edits have not been processed yet. */
export const pendingEditRefs = { before: 'refs/untold/before', after: 'refs/untold/after' } as const
/** The origin's commit up to which edits of the task lists were reported. */
export const readEditsRef = (branch: string): string => `refs/read-edits/${branch}`
/** Histories that the target left because a person rewrote the origin; see `former-history.ts`. */
export const formerRefs = (branch: string): string => `refs/rewritten/${branch}/`
export const formerRef = (branch: string, number: number): string =>
  `${formerRefs(branch)}${number}`
/** What was taken in of a task and not merged when the target left its history. */
export const formerTaskRef = (number: number, task: string): string =>
  `refs/rewritten-tasks/${number}/${task}`
/** Keeps commits that have not landed reachable; nothing reads it. */
export const draftRef = (name: string): string => `refs/drafts/${name}`

/** Of a ref that this server set, which costs no process. */
export async function resolveRef(git: Git, ref: string): Promise<Commit> {
  const found = await readRef(git, ref)
  return found === null || found === 'unclear' ? resolveFetched(git, ref) : found
}

/** Of a ref that others chose: fails when it names no commit. */
export async function resolveFetched(git: Git, ref: string): Promise<Commit> {
  return Commit((await git(['rev-parse', '--verify', `${ref}^{commit}`])).text)
}

/** The same of several, in one process. */
export async function resolveAllFetched(
  git: Git,
  refs: readonly string[],
): Promise<readonly Commit[]> {
  const { text } = await git(['rev-parse', ...refs.map((ref) => `${ref}^{commit}`)])
  return text.split('\n').map(Commit)
}

export const treeOf = (git: Git, commit: Commit): Promise<string> =>
  remembered(git, 'tree', [commit], async () => {
    return (await git(['rev-parse', '--verify', `${commit}^{tree}`])).text
  })

export async function parentsOf(git: Git, commit: Commit): Promise<readonly Commit[]> {
  const parents = await remembered(git, 'parents', [commit], async () => {
    const { text } = await git(['rev-list', '--parents', '--max-count=1', commit])
    return text.split(' ').slice(1).join(' ')
  })
  return parents === '' ? [] : parents.split(' ').map(Commit)
}

interface Beyond {
  readonly commits: readonly { readonly id: Commit; readonly parents: readonly Commit[] }[]
  /** Whether the two histories share a commit. */
  readonly isJoined: boolean
}

/** What the history of `tip` has beyond that of `head`, newest first. */
export async function commitsBeyond(git: Git, tip: Commit, head: Commit): Promise<Beyond> {
  const text = await remembered(git, 'beyond', [tip, head], async () => {
    return (await git(['rev-list', '--parents', '--boundary', tip, `^${head}`])).text
  })
  const lines = text.split('\n').filter((line) => line !== '')
  const own = lines.filter((line) => !line.startsWith('-')).map((line) => line.split(' '))
  const [parting, ...others] = lines.flatMap((line) => /^-([0-9a-f]+)/.exec(line)?.[1] ?? [])
  // Whatever both have is in the history of this one commit.
  if (own.length > 0 && parting !== undefined && others.length === 0)
    rememberAncestor(git, head, tip, Commit(parting))
  return {
    commits: own.map(([id = '', ...parents]) => ({ id: Commit(id), parents: parents.map(Commit) })),
    isJoined: own.length < lines.length,
  }
}

/** What a commit is, as the one who wrote or listed it knows. */
export function rememberCommit(
  git: Git,
  commit: Commit,
  known: { readonly tree: string; readonly parents?: readonly Commit[] },
): void {
  remember(git, 'tree', [commit], known.tree)
  if (known.parents !== undefined) remember(git, 'parents', [commit], known.parents.join(' '))
}

/** Null when there is no such ref. Of one that this server set, which costs no process. */
export async function findRef(git: Git, ref: string): Promise<Commit | null> {
  const found = await readRef(git, ref)
  if (found !== 'unclear') return found
  const { exitCode, text } = await git(['rev-parse', '--quiet', '--verify', `${ref}^{commit}`], {
    answers: [1],
  })
  return exitCode === 0 ? Commit(text) : null
}

export const setRef = (git: Git, ref: string, commit: Commit): Promise<void> =>
  setRefs(git, { [ref]: commit })

/** What refs are set to; null deletes one, if it exists. */
export type RefUpdates = Readonly<Record<string, Commit | null>>

/** All or none. */
export async function setRefs(git: Git, refs: RefUpdates): Promise<void> {
  const updates = Object.entries(refs).map(updateLine)
  await git(['update-ref', '--stdin'], { input: `start\n${updates.join('')}commit\n` })
}

const updateLine = ([ref, commit]: readonly [string, Commit | null]): string =>
  commit === null ? `delete ${ref}\n` : `update ${ref} ${commit}\n`

/** Does nothing if the ref does not exist. */
export const deleteRef = (git: Git, ref: string): Promise<void> => deleteRefs(git, [ref])

/** All or none. */
export const deleteRefs = (git: Git, refs: readonly string[]): Promise<void> =>
  setRefs(git, Object.fromEntries(refs.map((ref) => [ref, null])))

/**
 * A compare-and-swap: false when the ref is no longer at `from`. The same transaction sets the
 * others.
 */
export async function moveRef(
  git: Git,
  ref: string,
  commit: Commit,
  from: Commit,
  others: RefUpdates = {},
): Promise<boolean> {
  const more = Object.entries(others).map(updateLine)
  try {
    await git(['update-ref', '--stdin'], {
      input: `start\nupdate ${ref} ${commit} ${from}\n${more.join('')}commit\n`,
    })
    return true
  } catch (error) {
    if (
      error instanceof GitFailure &&
      /but expected|unable to resolve reference|reference is missing/.test(error.stderr)
    )
      return false
    throw error
  }
}

/** True when every commit of `older` is contained in `newer`. */
export async function contains(git: Git, newer: Commit, older: Commit): Promise<boolean> {
  return (await commonAncestor(git, newer, older)) === older
}

/** Null for histories without a common commit. */
export async function commonAncestor(git: Git, one: Commit, other: Commit): Promise<Commit | null> {
  if (one === other) return one
  if (isKnownParent(git, one, other)) return other
  if (isKnownParent(git, other, one)) return one
  const ancestor = await remembered(git, 'merge-base', [one, other], async () => {
    const { exitCode, text } = await git(['merge-base', one, other], { answers: [1] })
    return exitCode === 0 ? text : ''
  })
  return ancestor === '' ? null : Commit(ancestor)
}

/** The common ancestor of two commits, as the one who found it elsewhere knows. */
export function rememberAncestor(git: Git, one: Commit, other: Commit, ancestor: Commit): void {
  remember(git, 'merge-base', [one, other], ancestor)
  remember(git, 'merge-base', [other, one], ancestor)
}

const isKnownParent = (git: Git, commit: Commit, parent: Commit): boolean =>
  known(git, 'parents', [commit])?.split(' ').includes(parent) ?? false
