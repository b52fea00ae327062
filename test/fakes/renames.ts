import { edit, mergeTrees, type Tree } from './three-way.ts'

/**
 * Files that workers renamed, by their new path. It is recorded when it happens, never found by a
 * comparison of contents.
 */
export type Renames = ReadonlyMap<string, string>

/**
 * Merges trees of which each side may have renamed files: a change of the other side goes to the
 * new path. One file under two new names is a conflict.
 */
export function mergeRenamed(
  base: Tree,
  ours: Tree,
  theirs: Tree,
  renames: Renames,
): ReturnType<typeof mergeTrees> {
  const [mine, others] = [renamedIn(base, ours, renames), renamedIn(base, theirs, renames)]
  const torn = [...mine].flatMap(([from, to]) => {
    const other = others.get(from)
    return other === undefined || other === to ? [] : [from, to, other]
  })
  const both = new Map([...others, ...mine].filter(([from]) => !torn.includes(from)))
  const merged = mergeTrees(moved(base, both), moved(ours, both), moved(theirs, both))
  return { ...merged, conflicts: [...new Set([...merged.conflicts, ...torn])].toSorted() }
}

/** Former path → new path of what a side has renamed. */
function renamedIn(base: Tree, side: Tree, renames: Renames): ReadonlyMap<string, string> {
  return new Map(
    [...renames].flatMap(([to, from]) =>
      base.has(from) && !base.has(to) && side.has(to) && !side.has(from) ? [[from, to]] : [],
    ),
  )
}

/** The tree with its files under their new paths; one that has a file there stays as it is. */
function moved(tree: Tree, renamed: ReadonlyMap<string, string>): Tree {
  return [...renamed].reduce((now, [from, to]) => {
    const text = now.get(from)
    return text === undefined || now.has(to) ? now : edit(now, { [from]: null, [to]: text })
  }, tree)
}
