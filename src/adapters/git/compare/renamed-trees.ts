import type { Git } from '../command/git.ts'

export interface FileEntry {
  readonly mode: string
  readonly object: string
}

/** A file that differs between two trees; a renamed file has two paths. */
export interface RenamedDifference {
  readonly from: string | null
  readonly to: string | null
  readonly before: FileEntry | null
  readonly after: FileEntry | null
  /** How much of a renamed file stayed the same, in percent; 100 for a file that has its path. */
  readonly similarity: number
}

/** Compares pairs of trees in one process and follows renames, as a merge does. */
export async function compareWithRenames(
  git: Git,
  pairs: readonly (readonly [string, string])[],
): Promise<readonly (readonly RenamedDifference[])[]> {
  const { text } = await git(['diff-tree', '--stdin', '-r', '-z', '-M', '-l1000', '--raw'], {
    input: pairs.map((pair) => `${pair.join(' ')}\n`).join(''),
  })
  const all: RenamedDifference[][] = []
  const parts = text.split('\0').values()
  for (const part of parts) {
    // A line with both trees introduces each pair; it ends in a newline despite -z.
    const lines = part.split('\n')
    for (const line of lines) if (/^[0-9a-f]+ [0-9a-f]+$/.test(line)) all.push([])
    const record = lines.at(-1) ?? ''
    if (!record.startsWith(':')) continue
    const [, modeBefore = '', modeAfter = '', objectBefore = '', objectAfter = '', letter, score] =
      /^:(\d+) (\d+) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])(\d*)$/.exec(record) ?? []
    const path = nextOf(parts)
    const to = letter === 'R' ? nextOf(parts) : path
    const [before, after] = [entry(modeBefore, objectBefore), entry(modeAfter, objectAfter)]
    all.at(-1)?.push({
      from: before && path,
      to: after && to,
      before,
      after,
      similarity: letter === 'R' ? Number(score) : 100,
    })
  }
  return all
}

const nextOf = (parts: Iterator<string, undefined>): string => parts.next().value ?? ''

const entry = (mode: string, object: string): FileEntry | null =>
  mode === '000000' ? null : { mode, object }

export const isSameEntry = (one: FileEntry | null, other: FileEntry | null): boolean =>
  one?.mode === other?.mode && one?.object === other?.object

/** A regular file: only these are compared line by line. */
export const isRegular = (one: FileEntry | null): boolean =>
  one !== null && (one.mode === '100644' || one.mode === '100755')
