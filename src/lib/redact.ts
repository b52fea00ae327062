/** Replaces secrets, also in their JSON, base64, hex and URL encodings. */
export type Redact = (text: string) => string

/** Calls `secrets` each time, because the pool changes; caches the encodings of each. */
export function createRedact(secrets: () => readonly string[]): Redact {
  const known = new Map<string, readonly string[]>()
  const formsFor = (secret: string): readonly string[] => {
    const forms = known.get(secret) ?? formsOf(secret)
    known.set(secret, forms)
    return forms
  }
  return (text) => {
    let clean = text
    for (const form of secrets().flatMap(formsFor)) clean = clean.replaceAll(form, '[secret]')
    return clean
  }
}

/** A copy of a plain value with every string in it redacted. */
export function redactAll<Value>(value: Value, redact: Redact): Value {
  if (typeof value === 'string') return redact(value) as Value
  if (Array.isArray(value)) return value.map((item) => redactAll<unknown>(item, redact)) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, redactAll<unknown>(item, redact)]),
  ) as Value
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  const encoded = [
    encodeURIComponent(secret),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ]
  return [...new Set([secret, JSON.stringify(secret).slice(1, -1), ...encoded])].filter(
    (form) => form !== '',
  )
}
