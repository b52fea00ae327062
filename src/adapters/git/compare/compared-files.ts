import { type Git, LimitExceeded } from '../command/git.ts'
import { diffTrees, type FileDiffs, type Hunk } from './hunks.ts'
import { lostHunks } from './lost-hunks.ts'
import { type FileEntry, isSameEntry } from './renamed-trees.ts'

/** A file that others changed, in the four versions that decide whether their change is lost. */
export interface ComparedFile {
  /** Its path on the target, or its former one when others removed it. */
  readonly path: string
  readonly entries: {
    readonly base: FileEntry | null
    readonly target: FileEntry | null
    readonly own: FileEntry | null
    readonly report: FileEntry | null
  }
}

/** What exceeds these limits is judged as a whole. */
const maxFiles = 200
const maxBytes = 16 * 1024 ** 2

export interface Compared<File extends ComparedFile> {
  readonly file: File
  readonly hunks: readonly Hunk[]
}

/**
 * The hunks of others that the report lacks, per file. In a file that cannot be compared line by
 * line, all of them are lost when it reads as on the worker's own side. Three processes: sizes,
 * trees of the versions, their differences.
 */
export async function compareLines<File extends ComparedFile>(
  git: Git,
  files: readonly File[],
): Promise<readonly Compared<File>[]> {
  if (files.length === 0) return []
  const chosen = await withinLimits(git, files)
  const { empty, base, target, own, report } = await treesOfVersions(git, chosen)
  const diffs = await diffTrees(git, [
    [empty, base],
    [base, target],
    [base, own],
    [target, report],
    [own, report],
  ])
  const names = new Map(chosen.map((file, index) => [file, String(index)]))
  return files.map((file) => {
    const name = names.get(file)
    const found = diffs.map((diff) =>
      name === undefined ? null : (diff.get(name) ?? unchanged(diff, name)),
    )
    const [text, theirs, ours, since, kept] = found
    if (!text || !theirs || !ours || !since || !kept)
      return { file, hunks: isSameEntry(file.entries.report, file.entries.own) ? [everything] : [] }
    const baseLines = text.flatMap(({ added }) => added)
    return { file, hunks: lostHunks({ theirs, own: ours, since, kept, baseLines }) }
  })
}

/** A file that git names without lines is binary; one that it does not name is unchanged. */
const unchanged = (diff: FileDiffs, name: string): readonly Hunk[] | null =>
  diff.has(name) ? null : []

const everything: Hunk = { from: 0, at: 0, removed: [], added: [] }

/**
 * The lines that the report adds to the target anywhere, without the space around them. None where
 * there are too many to look at.
 */
export async function linesAddedBy(
  git: Git,
  target: string,
  report: string,
): Promise<ReadonlySet<string>> {
  const [files] = await diffTrees(git, [[target, report]]).catch((error: unknown) => {
    if (error instanceof LimitExceeded) return []
    throw error
  })
  const hunks = [...(files?.values() ?? [])].flatMap((found) => found ?? [])
  return new Set(hunks.flatMap(({ added }) => added.map((line) => line.trim())))
}

async function withinLimits<File extends ComparedFile>(
  git: Git,
  files: readonly File[],
): Promise<readonly File[]> {
  const objectsOf = ({ entries }: File): readonly string[] =>
    Object.values(entries).flatMap((entry) => (entry === null ? [] : [entry.object]))
  const { text } = await git(['cat-file', '--batch-check=%(objectname) %(objectsize)'], {
    input: `${files.flatMap(objectsOf).join('\n')}\n`,
  })
  const sizes = new Map(text.split('\n').map((line) => line.split(' ') as [string, string]))
  let sum = 0
  return files.slice(0, maxFiles).filter((file) => {
    const bytes = objectsOf(file).reduce((all, object) => all + Number(sizes.get(object) ?? 0), 0)
    if (sum + bytes > maxBytes) return false
    sum += bytes
    return true
  })
}

/** Trees that hold the same version of each file, named by its index. */
async function treesOfVersions(
  git: Git,
  files: readonly ComparedFile[],
): Promise<Record<keyof ComparedFile['entries'] | 'empty', string>> {
  const treeOf = (version: keyof ComparedFile['entries']): string =>
    files
      .map(({ entries }, index) => ({ object: entries[version]?.object, index }))
      .flatMap(({ object, index }) =>
        object === undefined ? [] : [`100644 blob ${object}\t${index}\n`],
      )
      .join('')
  const versions = ['base', 'target', 'own', 'report'] as const
  // An empty block makes the empty tree.
  const { text } = await git(['mktree', '--batch'], {
    input: ['', ...versions.map(treeOf)].map((block) => `${block}\n`).join(''),
  })
  const [empty = '', base = '', target = '', own = '', report = ''] = text.split('\n')
  return { empty, base, target, own, report }
}
