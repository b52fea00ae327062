const [quote, backslash] = ['"'.charCodeAt(0), '\\'.charCodeAt(0)]
const marks = new Set(['[', '{', ','].map((mark) => mark.charCodeAt(0)))

/**
 * Whether a JSON text has more parts than that: brackets, braces and commas outside of strings.
 * Each costs far more time and memory than its byte, in parsing and in every check of it.
 */
export function hasManyParts(json: Buffer, most: number): boolean {
  let parts = 0
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0
    if (byte === quote) at = endOfString(json, at)
    else if (marks.has(byte)) parts += 1
    if (parts > most) return true
  }
  return false
}

/** The place of the quote that ends the string; the end of the text without one. */
function endOfString(json: Buffer, start: number): number {
  for (let end = json.indexOf(quote, start + 1); end !== -1; end = json.indexOf(quote, end + 1)) {
    let before = end - 1
    while (json[before] === backslash) before -= 1
    if ((end - before) % 2 === 1) return end
  }
  return json.length
}
