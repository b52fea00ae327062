/**
 * The line below which `theirs` has a line that `ours` lacks: another line there conflicts with it.
 * Null when there is none.
 */
export function contestedPlace(ours: string, theirs: string): string | null {
  const known = new Set(ours.split('\n'))
  const lines = theirs.split('\n')
  const added = lines.findIndex((line) => !known.has(line))
  return added > 0 ? (lines[added - 1] ?? null) : null
}
