export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly line: number; readonly column: number; readonly what: string }

/**
 * Parses JSON; on failure gives line, column and reason. The engine's own message is not passed on:
 * it may quote the text, and with it a secret.
 */
export function parseJson(text: string): ParsedJson {
  const source = text.replace(/^\uFEFF/, '')
  try {
    return { ok: true, value: JSON.parse(source) as unknown }
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    return {
      ok: false,
      ...lineAndColumn(source, offsetOf(message, source)),
      what: reasonFrom(message),
    }
  }
}

function offsetOf(message: string, text: string): number {
  const position = /at position (\d+)/.exec(message)?.[1]
  if (position !== undefined) return Number(position)
  const token = /^Unexpected token '(.+?)',/su.exec(message)?.[1]
  return token === undefined ? text.trimEnd().length : offsetOfToken(token, text)
}

/**
 * V8 names an unexpected character but not its position. The position is the first occurrence at
 * which the text, cut there, already fails with an unexpected token.
 */
function offsetOfToken(token: string, text: string): number {
  for (let offset = text.indexOf(token); offset !== -1; offset = text.indexOf(token, offset + 1)) {
    if (isUnexpectedAtTheEnd(text.slice(0, offset + token.length))) return offset
  }
  return text.length
}

function isUnexpectedAtTheEnd(text: string): boolean {
  try {
    JSON.parse(text)
    return false
  } catch (error) {
    return error instanceof Error && error.message.startsWith('Unexpected token')
  }
}

function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

function reasonFrom(message: string): string {
  const known = reasons.find(([beginning]) => message.startsWith(beginning))
  return (
    known?.[1] ?? 'a value is not JSON: strings need double quotes, and comments are not allowed'
  )
}

const reasons = [
  ['Unexpected end', 'the text ends before the value is complete'],
  ['Unterminated string', 'a string is not closed with "'],
  ['Bad control character', 'a string holds a line break or another control character'],
  [
    'Expected double-quoted property name',
    'a comma is followed by no key: remove a comma after the last one; comments are not allowed',
  ],
  ['Expected property name', 'a key is not in double quotes'],
  ["Expected ',' or", 'a comma is missing, or a quote is in the wrong place'],
  ["Expected ':'", 'a colon is missing after a key'],
  ['Unexpected non-whitespace', 'something follows after the end of the value'],
] as const
