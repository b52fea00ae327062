import type { Git } from '../command/git.ts'

/** Lines of one file that another version replaces. Line numbers begin at 0. */
export interface Hunk {
  /** The first removed line of the older version, or the line before which lines are inserted. */
  readonly from: number
  readonly removed: readonly string[]
  /** The same in the newer version. */
  readonly at: number
  readonly added: readonly string[]
}

/** By path; null for a file that git does not compare line by line. */
export type FileDiffs = ReadonlyMap<string, readonly Hunk[] | null>

/**
 * Compares pairs of trees line by line, in one process. A byte is a character: the text need not
 * be UTF-8. Files over a mebibyte are not compared.
 */
export async function diffTrees(
  git: Git,
  pairs: readonly (readonly [string, string])[],
): Promise<readonly FileDiffs[]> {
  const { stdout } = await git(
    [
      'diff-tree',
      '--stdin',
      '-r',
      '-p',
      '-U0',
      '--no-renames',
      '--no-color',
      '--no-ext-diff',
      '--no-textconv',
      '--src-prefix=a/',
      '--dst-prefix=b/',
    ],
    {
      input: pairs.map((pair) => `${pair.join(' ')}\n`).join(''),
      config: ['core.bigFileThreshold=1m', 'core.quotePath=false'],
    },
  )
  return parsePatches(stdout.toString('latin1'))
}

/** Exported for its test. */
export function parsePatches(text: string): readonly FileDiffs[] {
  const all: Map<string, Hunk[] | null>[] = []
  let [path, hunk]: [string, { removed: string[]; added: string[] } | null] = ['', null]
  for (const line of text.split('\n')) {
    const files = all.at(-1)
    if (/^[0-9a-f]{40,64} [0-9a-f]{40,64}$/.test(line)) all.push(new Map())
    else if (line.startsWith('diff --git ')) {
      path = line.slice(line.lastIndexOf(' b/') + 3)
      hunk = null
      files?.set(path, [])
    } else if (line.startsWith('Binary files ') && hunk === null) files?.set(path, null)
    else if (line.startsWith('@@ ')) {
      const [, from = '', removes = '1', at = '', adds = '1'] =
        /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line) ?? []
      const started = { removed: [], added: [] }
      hunk = started
      files?.get(path)?.push({ from: index(from, removes), at: index(at, adds), ...started })
    } else if (line.startsWith('-')) hunk?.removed.push(line.slice(1))
    else if (line.startsWith('+')) hunk?.added.push(line.slice(1))
  }
  return all
}

/** Git counts lines from 1, and names the line after which nothing is. */
const index = (line: string, count: string): number => Number(line) - (count === '0' ? 0 : 1)
