import { type BackupId, Commit } from '../../../core/model/ids.ts'
import type { Git } from '../command/git.ts'
import { backupBases, deleteRefs, setRefs } from '../objects/refs.ts'

/** The commits of a history that no ref of the hub has, each with its parents. */
type History = ReadonlyMap<string, readonly string[]>

/** `git` has the hub's refs. Those that an older server made for backups do not count. */
export async function historyOf(git: Git, commit: Commit): Promise<History> {
  const { text } = await git([
    'rev-list',
    '--parents',
    '--ignore-missing',
    commit,
    '--not',
    '--exclude=refs/backup/*',
    '--all',
  ])
  const lines = text.split('\n').filter((line) => line !== '')
  return new Map(
    lines.map((line) => {
      const [id = '', ...parents] = line.split(' ')
      return [id, parents]
    }),
  )
}

/** Those of the commits that the repository of this git has. */
export async function present(git: Git, ids: Iterable<string>): Promise<ReadonlySet<string>> {
  const asked = [...ids]
  if (asked.length === 0) return new Set()
  const format = '--batch-check=%(objectname)'
  const { text } = await git(['cat-file', format], { input: `${asked.join('\n')}\n` })
  return new Set(text.split('\n').filter((line) => !line.endsWith(' missing')))
}

/**
 * The newest commits of the history that the hub has: reachable from its refs, or `inHub`. What is
 * beyond them is borrowed from the hub.
 */
export function basesOf(
  commit: Commit,
  history: History,
  inHub: ReadonlySet<string>,
): readonly Commit[] {
  const isInHub = (id: string): boolean => !history.has(id) || inHub.has(id)
  if (isInHub(commit)) return [commit]
  const bases = [...history].flatMap(([id, parents]) =>
    isInHub(id) ? [] : parents.filter(isInHub),
  )
  return [...new Set(bases)].slice(0, mostBases).map(Commit)
}

/** Work builds on a few commits; only a hostile one on thousands, and it harms itself alone. */
const mostBases = 100

/**
 * Gives the bases refs in the hub, so that pruning it by hand leaves what backups borrow.
 * They name only what the hub has anyway.
 */
export async function keepBases(
  git: Git,
  backup: BackupId,
  bases: readonly Commit[],
): Promise<void> {
  const named = bases.map((base, index) => [`${backupBases(backup)}${index + 1}`, base] as const)
  await setRefs(git, Object.fromEntries(named))
}

export async function forgetBases(git: Git, backup: BackupId): Promise<void> {
  const { text } = await git(['for-each-ref', '--format=%(refname)', backupBases(backup)])
  await deleteRefs(
    git,
    text.split('\n').filter((line) => line !== ''),
  )
}
