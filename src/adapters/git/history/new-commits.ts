import { createHash } from 'node:crypto'
import type { Identity } from '../objects/commit-builder.ts'
import type { Git } from '../command/git.ts'

export interface NewCommit {
  readonly id: string
  readonly parents: number
  readonly author: Identity & { readonly at: string }
  readonly committer: Identity
}

/**
 * What is reachable from `tip` and not from the known refs, and the commits at which that ends. The
 * bytes of the names count, as the commits hold them: git recodes nothing.
 */
export async function newCommits(
  git: Git,
  tip: string,
  known: readonly string[],
): Promise<{ readonly commits: readonly NewCommit[]; readonly boundary: readonly string[] }> {
  const all = await listed(git, ['--boundary', tip, '--not', ...known])
  return {
    commits: all.filter(({ isBoundary }) => !isBoundary),
    boundary: all.filter(({ isBoundary }) => isBoundary).map(({ id }) => id),
  }
}

interface Listed extends NewCommit {
  readonly isBoundary: boolean
}

async function listed(git: Git, args: readonly string[]): Promise<readonly Listed[]> {
  const format = ['%m', '%H', '%P', '%an', '%ae', '%at', '%cn', '%ce'].join('%x00')
  const { stdout } = await git(['log', '-z', '--encoding=none', `--format=${format}`, ...args])
  const fields = stdout.toString('utf8').split('\0')
  return Array.from({ length: Math.floor(fields.length / 8) }, (_, index) => {
    const [mark, id = '', parents = '', an = '', ae = '', at = '', cn = '', ce = ''] = fields.slice(
      8 * index,
      8 * index + 8,
    )
    return {
      isBoundary: mark === '-',
      id,
      parents: parents === '' ? 0 : parents.split(' ').length,
      author: { name: an, email: ae, at },
      committer: { name: cn, email: ce },
    }
  })
}

/** Of the known commits, the newest. */
const mostKnown = 20_000
/** Copies that are compared in one report, and at a time. */
const mostCopies = 1_000
const batch = 20

/**
 * The ids of those that copy a known commit: with its author, the author's time, and the patch to
 * the byte. Only positions and context headings in the file may differ. `git patch-id` would ignore
 * spaces and binary files.
 */
export async function sameWork(
  git: Git,
  commits: readonly NewCommit[],
  known: readonly string[],
): Promise<ReadonlySet<string>> {
  const copies = commits.filter(({ parents }) => parents === 1).slice(0, mostCopies)
  if (copies.length === 0) return new Set()
  const originals = new Map<string, string[]>()
  const wanted = new Set(copies.map(keyOf))
  for (const one of await listed(git, ['--no-merges', `--max-count=${mostKnown}`, ...known])) {
    const key = keyOf(one)
    if (wanted.has(key)) originals.set(key, [...(originals.get(key) ?? []), one.id])
  }
  const found = new Set<string>()
  const pairs = copies.filter((copy) => originals.has(keyOf(copy)))
  for (let at = 0; at < pairs.length; at += batch) {
    const part = pairs.slice(at, at + batch)
    const sources = part.flatMap((copy) => originals.get(keyOf(copy))?.slice(0, batch) ?? [])
    const patches = await patchesOf(git, [...part.map(({ id }) => id), ...sources])
    for (const copy of part) {
      const patch = patches.get(copy.id)
      const same = originals.get(keyOf(copy))?.some((id) => patches.get(id) === patch)
      if (patch !== undefined && same === true) found.add(copy.id)
    }
  }
  return found
}

const keyOf = ({ author: { name, email, at } }: NewCommit): string => [name, email, at].join('\0')

/** A hash of each commit's patch. */
async function patchesOf(
  git: Git,
  commits: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(commits)]
  const { stdout } = await git(
    [
      ...['diff-tree', '--stdin', '--root', '-r', '-p', '--binary', '--full-index', '--no-color'],
      ...['--no-renames', '--no-ext-diff', '--no-textconv'],
    ],
    { input: `${ids.join('\n')}\n` },
  )
  // One character for each byte: the content of a file needs no encoding.
  const parts = stdout.toString('latin1').split(/^([0-9a-f]{40}|[0-9a-f]{64})\n/m)
  const patches = new Map<string, string>()
  for (let at = 1; at < parts.length; at += 2) {
    const patch = (parts[at + 1] ?? '')
      .replaceAll(/^index [0-9a-f]+\.\.[0-9a-f]+/gm, 'index')
      .replaceAll(/^@@ -\d+(,\d+)? \+\d+(,\d+)? @@.*$/gm, '@@ $1 $2')
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
