import { readBlobs } from '../objects/blobs.ts'
import type { Git } from '../command/git.ts'
import { known, remember, remembered } from '../objects/remembered.ts'
import type { Difference } from '../objects/tree.ts'
import { canonical, type IsProtected } from './protected-paths.ts'

interface Entry {
  readonly mode: string
  readonly object: string
}

/** Where symbolic links lead, by object; what is no path is missing. */
export type Links = ReadonlyMap<string, string>

export const isLink = <Linked extends Entry>(entry: Linked | null): entry is Linked =>
  entry?.mode === '120000'

/** Of Linux. */
const longestPath = 4_096

/** In two processes, unless there are very many. */
export async function readLinks(git: Git, entries: readonly Entry[]): Promise<Links> {
  const objects = [...new Set(entries.map(({ object }) => object))]
  if (objects.length === 0) return new Map()
  const { text } = await git(['cat-file', '--batch-check=%(objectname) %(objectsize)'], {
    input: `${objects.join('\n')}\n`,
  })
  const sized = text.split('\n').map((line) => line.split(' '))
  const paths = sized
    .map(([object = '', size]) => ({ object, size: Number(size) }))
    .filter(({ size }) => size > 0 && size <= longestPath)
  const contents = await readBlobs(git, paths)
  return new Map([...contents].map(([object, content]) => [object, content.toString()]))
}

/**
 * Whether a symbolic link at `path` leads to a file of the tree, if every other link does. Only
 * steps up at the beginning are counted: behind a name that is a link itself they lead elsewhere.
 * Git's own directory is no part of the tree.
 */
export function staysInTree(path: string, target: string): boolean {
  const names = target.split('/').filter((name) => name !== '' && name !== '.')
  if (names.length === 0 || /^\/|[\\\p{Cc}]|^[a-z]:/iu.test(target)) return false
  const up = names.findIndex((name) => name !== '..')
  const [steps, rest] = up < 0 ? [names.length, []] : [up, names.slice(up)]
  return (
    steps <= path.split('/').length - 1 &&
    !rest.some((name) => name === '..' || /^(?:\.git|git~\d+)$/.test(canonical(name)))
  )
}

/**
 * The same, and what protected links of the tree lead to: their content is read under the name of
 * the link. `tree`: of the target, whose links are the operator's.
 */
export async function followLinks(
  git: Git,
  tree: string,
  isProtected: IsProtected,
): Promise<IsProtected> {
  const found = await linksOf(git, tree)
  if (!found.some(({ path }) => isProtected(path))) return isProtected
  const links = await readLinks(git, found)
  const targets = new Map(
    found.map(({ object, path }) => [canonical(path), links.get(object) ?? ''] as const),
  )
  const meant = found.filter(({ path }) => isProtected(path))
  const reached = new Set(meant.flatMap(({ path }) => walk(canonical(path), targets)))
  return (path) => isProtected(path) || ancestors(canonical(path)).some((one) => reached.has(one))
}

/** Remembered for as long as no merge changes a link. */
async function linksOf(git: Git, tree: string): Promise<readonly (Entry & { path: string })[]> {
  const text = await remembered(git, 'links', [tree], async () => {
    const all = (await git(['ls-tree', '-r', '-z', '--full-tree', tree])).text.split('\0')
    return all.filter((line) => line.startsWith('120000 ')).join('\0')
  })
  return [...text.matchAll(/(120000) blob ([0-9a-f]+)\t([^\0]+)/g)].map(
    ([, mode = '', object = '', path = '']) => ({ mode, object, path }),
  )
}

/** Where two trees differ in no link, the links of the one are those of the other. */
export function rememberLinks(
  git: Git,
  [before, after]: readonly [string, string],
  differences: readonly Difference[],
): void {
  const links = known(git, 'links', [before])
  const isSame = !differences.some((change) => isLink(change.before) || isLink(change.after))
  if (links !== undefined && isSame) remember(git, 'links', [after], links)
}

/** The path itself and every directory above it. */
const ancestors = (path: string): readonly string[] =>
  path.split('/').map((_, index, names) => names.slice(0, index + 1).join('/'))

/** As many as Linux follows. */
const mostLinks = 40

/** Every path to which the links lead on the way of one path, the last one included. */
function walk(path: string, targets: ReadonlyMap<string, string>): readonly string[] {
  const reached = [path]
  let [done, rest]: [readonly string[], readonly string[]] = [[], path.split('/')]
  for (let followed = 0; rest.length > 0 && followed <= mostLinks; ) {
    const [name = '', ...others] = rest
    if (name === '' || name === '.') rest = others
    else if (name === '..') [done, rest] = [done.slice(0, -1), others]
    else {
      const here = [...done, name]
      const target = targets.get(here.join('/'))
      if (target === undefined) [done, rest] = [here, others]
      else {
        followed += 1
        reached.push(here.join('/'))
        rest = [...canonical(target).split('/'), ...others]
        // An absolute one leads out of the tree.
        if (target.startsWith('/')) return reached
      }
    }
    if (rest.length === 0) reached.push(done.join('/'))
  }
  return reached.filter((one) => one !== '')
}
