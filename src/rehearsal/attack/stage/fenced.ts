/**
 * The lines of a Markdown text that stand in no block of code: a model reads them as the author's.
 */
export function linesOutsideFences(text: string): readonly string[] {
  let mark: string | null = null
  return text.split('\n').filter((line) => {
    if (mark !== null) {
      if (line === mark) mark = null
      return false
    }
    mark = /^`{3,}/.exec(line)?.[0] ?? null
    return mark === null
  })
}
