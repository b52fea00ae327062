import { plainText } from '../../../lib/plain-text.ts'

/** Maps a line of git's stderr to a hint for the operator. */
export type Remedy = readonly [pattern: RegExp, remedy: string]

/** The line of git's stderr that names the cause, and the first hint that matches it. */
export function stderrHints(
  stderr: string,
  remedies: readonly Remedy[],
): { readonly line: string; readonly remedy: string | null } {
  const lines = stderr
    .split(/[\n\r]/)
    // A message of the other side may follow a figure of progress in the same line.
    .map((line) => line.replace(/^\w[\w ]*: +\d+% .*?(?=remote: )/, ''))
    .map((line) => plainText(line).replaceAll('\t', ' ').trim())
    .filter((line) => line !== '')
  for (const [pattern, remedy] of remedies) {
    const line = lines.find((candidate) => pattern.test(candidate))
    if (line !== undefined) return { line: line.slice(0, 300), remedy }
  }
  const line =
    lines.find((candidate) => /^(fatal|error|remote: error):/.test(candidate)) ??
    lines.at(-1) ??
    'git gave no reason'
  return { line: line.slice(0, 300), remedy: null }
}
