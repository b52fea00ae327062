import { plainText } from './plain-text.ts'

/**
 * The same JSON with every text in it, names included, as `plainText`. Costs one search where
 * nothing is hidden, which is nearly always.
 */
export function plainJson(json: string): string {
  if (!hidden.test(json)) return json
  return JSON.stringify(plainAll(JSON.parse(json)))
}

/** What `plainText` changes, as it is or escaped. JSON escapes the rest of a broken character. */
const hidden =
  /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]|\\(?:[bfr]|u00[01]|ud)/u

function plainAll(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value)
  if (Array.isArray(value)) return value.map(plainAll)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [plainText(name), plainAll(item)]),
  )
}
