import { createHash } from 'node:crypto'
import type { Identity } from '../objects/commit-builder.ts'
import { type Git, GitFailure } from '../command/git.ts'
import { listed, type NewCommit } from './new-commits.ts'

/** Of the known commits, the newest. */
const mostKnown = 20_000

/** Commits that may be copied, and git in a repository that has them. */
export interface Originals {
  readonly git: Git
  readonly commits: readonly NewCommit[]
}

/** What is reachable from the known refs. */
export async function originalsIn(git: Git, known: readonly string[]): Promise<Originals> {
  return { git, commits: await listed(git, ['--no-merges', `--max-count=${mostKnown}`, ...known]) }
}

/** Copies that are compared in one report, and at a time. */
const mostCopies = 1_000
const batch = 20
/** Calls of git in one report that fail. */
const mostFailures = 30

/**
 * The ids of those that copy an original: with its author, the author's time, and the patch to the
 * byte. Only positions and context headings in the file may differ. `git patch-id` would ignore
 * spaces and binary files.
 */
export async function copiesAmong(
  git: Git,
  commits: readonly NewCommit[],
  originals: readonly Originals[],
): Promise<ReadonlySet<string>> {
  const copies = commits.filter(isChange).slice(0, mostCopies)
  const found = new Set<string>()
  const read = patchReader()
  for (const { git: theirs, commits: all } of originals) {
    const byKey = Map.groupBy(all.filter(isChange), keyOf)
    const pairs = copies.filter((copy) => byKey.has(keyOf(copy)) && !found.has(copy.id))
    for (let at = 0; at < pairs.length; at += batch) {
      const part = pairs.slice(at, at + batch)
      const sources = part.flatMap((copy) => byKey.get(keyOf(copy))?.slice(0, batch) ?? [])
      const patches = await read(git, part)
      const originalPatches = await read(theirs, sources)
      for (const copy of part) {
        const patch = patches.get(copy.id)
        const own = byKey.get(keyOf(copy)) ?? []
        if (patch !== undefined && own.some(({ id }) => originalPatches.get(id) === patch))
          found.add(copy.id)
      }
    }
  }
  return found
}

/** Not a merge: that has no patch of its own. */
const isChange = ({ parents }: NewCommit): boolean => parents <= 1

const keyOf = ({ author: { name, email, at } }: NewCommit): string => [name, email, at].join('\0')

/**
 * Reads a hash of each commit's patch. What git cannot read, or only beyond its limits, copies
 * nothing: a backup may be damaged, and some patches are too large together. After `mostFailures`
 * the failure counts: each may take as long as the limits allow.
 */
function patchReader(): typeof patchesOf {
  let failures = 0
  return async function read(git, commits): Promise<ReadonlyMap<string, string>> {
    try {
      return await patchesOf(git, commits)
    } catch (error) {
      failures += 1
      if (!(error instanceof GitFailure) || failures > mostFailures) throw error
      if (commits.length <= 1) return new Map()
      const half = Math.ceil(commits.length / 2)
      const first = await read(git, commits.slice(0, half))
      return new Map([...first, ...(await read(git, commits.slice(half)))])
    }
  }
}

async function patchesOf(
  git: Git,
  commits: readonly NewCommit[],
): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(commits.map(({ id }) => id))]
  const { stdout } = await git(
    [
      ...['diff-tree', '--stdin', '--root', '-r', '-p', '--always', '--binary', '--full-index'],
      ...['--no-color', '--no-renames', '--no-ext-diff', '--no-textconv'],
    ],
    { input: `${ids.join('\n')}\n` },
  )
  // One character for each byte: the content of a file needs no encoding. Only a line feed ends a
  // line: a file may hold a carriage return before what reads as the next commit.
  const parts = stdout.toString('latin1').split(/(?<![^\n])([0-9a-f]{40}|[0-9a-f]{64})\n/)
  const patches = new Map<string, string>()
  for (let at = 1; at < parts.length; at += 2) {
    const patch = (parts[at + 1] ?? '')
      .replaceAll(/(?<![^\n])index [0-9a-f]+\.\.[0-9a-f]+/g, 'index')
      .replaceAll(/(?<![^\n])@@ -\d+(,\d+)? \+\d+(,\d+)? @@[^\n]*/g, '@@ $1 $2')
    patches.set(parts[at] ?? '', createHash('sha256').update(patch, 'latin1').digest('hex'))
  }
  return patches
}

/**
 * The ids of those that bring back a merge of the server from a history that a person removed: the
 * brief of such a task has the worker cherry-pick it. It carries the server's name and the time of
 * that merge. Conflicts may be resolved in it, so its patch is the worker's own.
 */
export async function copiedMerges(
  git: Git,
  commits: readonly NewCommit[],
  server: Identity,
): Promise<ReadonlySet<string>> {
  const copies = commits.filter(
    ({ author, parents }) =>
      parents === 1 && author.name === server.name && author.email === server.email,
  )
  if (copies.length === 0) return new Set()
  const former = ['--merges', `--max-count=${mostKnown}`, '--glob=refs/rewritten']
  const merges = new Set((await listed(git, former)).map(keyOf))
  return new Set(copies.filter((copy) => merges.has(keyOf(copy))).map(({ id }) => id))
}
