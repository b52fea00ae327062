import { type BackupId, Commit, type InstanceId, type TaskId } from '../../../core/model/ids.ts'
import { type Git, GitFailure } from '../command/git.ts'
import { remember, remembered } from './remembered.ts'

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

export async function resolveRef(git: Git, ref: string): Promise<Commit> {
  return Commit((await git(['rev-parse', '--verify', `${ref}^{commit}`])).text)
}

export async function resolveRefs(git: Git, refs: readonly string[]): Promise<readonly Commit[]> {
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

/** Null when there is no such ref. */
export async function findRef(git: Git, ref: string): Promise<Commit | null> {
  const { exitCode, text } = await git(['rev-parse', '--quiet', '--verify', `${ref}^{commit}`], {
    answers: [1],
  })
  return exitCode === 0 ? Commit(text) : null
}

export const setRef = (git: Git, ref: string, commit: Commit): Promise<void> =>
  setRefs(git, { [ref]: commit })

/** All or none. */
export async function setRefs(git: Git, refs: Readonly<Record<string, Commit>>): Promise<void> {
  const updates = Object.entries(refs).map(([ref, commit]) => `update ${ref} ${commit}\n`)
  await git(['update-ref', '--stdin'], { input: `start\n${updates.join('')}commit\n` })
}

/** Does nothing if the ref does not exist. */
export const deleteRef = (git: Git, ref: string): Promise<void> => deleteRefs(git, [ref])

/** All or none. */
export async function deleteRefs(git: Git, refs: readonly string[]): Promise<void> {
  const deletions = refs.map((ref) => `delete ${ref}\n`)
  await git(['update-ref', '--stdin'], { input: `start\n${deletions.join('')}commit\n` })
}

/**
 * A compare-and-swap: false when the ref is no longer at `from`. The same transaction sets the
 * others.
 */
export async function moveRef(
  git: Git,
  ref: string,
  commit: Commit,
  from: Commit,
  others: Readonly<Record<string, Commit>> = {},
): Promise<boolean> {
  const more = Object.entries(others).map(([name, value]) => `update ${name} ${value}\n`)
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
  const ancestor = await remembered(git, 'merge-base', [one, other], async () => {
    const { exitCode, text } = await git(['merge-base', one, other], { answers: [1] })
    return exitCode === 0 ? text : ''
  })
  return ancestor === '' ? null : Commit(ancestor)
}
