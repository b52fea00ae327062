/** A secret that is nowhere else in the world. */
export interface Canary {
  readonly name: string
  readonly secret: string
}

/** What was found somewhere: `place` says where, as a human would. */
export interface Trace {
  readonly place: string
  readonly bytes: Buffer
}

/** Every canary that the traces hold in any form, as sentences. */
export async function tracesIn(
  canaries: readonly Canary[],
  traces: AsyncIterable<Trace>,
): Promise<readonly string[]> {
  const needles = canaries.flatMap(({ name, secret }) =>
    formsOf(secret).map(({ form, text }) => ({ name, form, bytes: Buffer.from(text) })),
  )
  const seen = new Set<string>()
  for await (const { place, bytes } of traces) {
    for (const needle of needles)
      if (bytes.includes(needle.bytes)) seen.add(`${needle.name}, ${needle.form}, in ${place}`)
  }
  return [...seen].toSorted()
}

/**
 * How a secret may look; base64 in each of the three ways in which it falls when more stands before
 * it.
 */
export function formsOf(
  secret: string,
): readonly { readonly form: string; readonly text: string }[] {
  const bytes = Buffer.from(secret)
  const hex = bytes.toString('hex')
  const url = encodeURIComponent(secret)
  const forms = [
    { form: 'plain', text: secret },
    { form: 'URL-encoded', text: url },
    { form: 'URL-encoded', text: url.replaceAll(/%../g, (code) => code.toLowerCase()) },
    { form: 'hex', text: hex },
    { form: 'hex', text: hex.toUpperCase() },
    ...[0, 1, 2].flatMap((shift) => [
      { form: 'base64', text: shifted(bytes, shift, 'base64') },
      { form: 'base64url', text: shifted(bytes, shift, 'base64url') },
    ]),
  ]
  return forms.filter(
    ({ text }, index) => forms.findIndex((other) => other.text === text) === index,
  )
}

/**
 * Only the characters that hold nothing but the secret: neither bits of what stands before nor of
 * what comes after.
 */
function shifted(bytes: Buffer, shift: number, encoding: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString(encoding)
    .replace(/=+$/, '')
  return text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6))
}
