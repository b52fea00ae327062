/** A block of Markdown that nothing in the text can end. */
export function fence(text: string): string {
  const longest = Math.max(3, ...(text.match(/`+/g) ?? []).map(({ length }) => length))
  const mark = '`'.repeat(longest + 1)
  return `${mark}\n${text.trimEnd()}\n${mark}`
}
