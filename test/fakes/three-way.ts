export type Tree = ReadonlyMap<string, string>

/** Merges file by file; a file that both sides changed, by the lines that each replaced. */
export function mergeTrees(
  base: Tree,
  ours: Tree,
  theirs: Tree,
): { readonly tree: Tree; readonly conflicts: readonly string[] } {
  const tree = new Map<string, string>()
  const conflicts: string[] = []
  for (const path of [...new Set([...base.keys(), ...ours.keys(), ...theirs.keys()])].toSorted()) {
    const merged = mergeFile(base.get(path), ours.get(path), theirs.get(path))
    if (merged === 'conflict') conflicts.push(path)
    else if (merged.text !== undefined) tree.set(path, merged.text)
  }
  return { tree, conflicts }
}

type Text = string | undefined

function mergeFile(base: Text, ours: Text, theirs: Text): { readonly text: Text } | 'conflict' {
  if (ours === theirs || base === theirs) return { text: ours }
  if (base === ours) return { text: theirs }
  if (base === undefined || ours === undefined || theirs === undefined) return 'conflict'
  const [first, second] = [replacement(base, ours), replacement(base, theirs)].toSorted(
    (one, other) => one.from - other.from,
  )
  if (!first || !second || second.from <= first.to) return 'conflict'
  const lines = base.split('\n')
  lines.splice(second.from, second.to - second.from, ...second.lines)
  lines.splice(first.from, first.to - first.from, ...first.lines)
  return { text: lines.join('\n') }
}

/** The smallest run of lines of `before` that `after` replaces. */
function replacement(
  before: string,
  after: string,
): { readonly from: number; readonly to: number; readonly lines: readonly string[] } {
  const old = before.split('\n')
  const now = after.split('\n')
  const shorter = Math.min(old.length, now.length)
  let start = 0
  while (start < shorter && old[start] === now[start]) start += 1
  let end = 0
  while (end < shorter - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end += 1
  return { from: start, to: old.length - end, lines: now.slice(start, now.length - end) }
}

/** Changes of files: path → text, null removes. */
export type Edits = Readonly<Record<string, string | null>>

export function edit(tree: Tree, edits: Edits): Tree {
  const edited = new Map(tree)
  for (const [path, text] of Object.entries(edits)) {
    if (text === null) edited.delete(path)
    else edited.set(path, text)
  }
  return edited
}

export const isSame = (one: Tree, other: Tree): boolean =>
  one.size === other.size && [...one].every(([path, text]) => other.get(path) === text)
