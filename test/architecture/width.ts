const widest = 100

/** The numbers of the lines that are too wide, from 1. */
export function wideLinesIn(path: string, text: string): readonly number[] {
  const mayBeWide = path.endsWith('.md') ? widthOfMarkdown() : mayCodeBeWide
  return text.split('\n').flatMap((line, index) => {
    const isFree = mayBeWide(line)
    return !isFree && line.length > widest && canBreak(line) ? [index + 1] : []
  })
}

/** A single word, such as an address, has no place to break at. */
const canBreak = (line: string): boolean => /\S\s/.test(line.replace(/^[\s#/*>-]+/, ''))

/** Rows of tables and blocks of code stay as they are. */
function widthOfMarkdown(): (line: string) => boolean {
  let isCode = false
  return (line) => {
    if (/^\s*```/.test(line)) isCode = !isCode
    return isCode || line.startsWith('|')
  }
}

/** The formatter breaks no string and no regular expression; a comment always breaks. */
const mayCodeBeWide = (line: string): boolean =>
  !/^\s*(?:\/\/|\/?\*|#)/.test(line) && /['"`]|\/[^/*].*\//.test(line)
