export interface HelloParts {
  /** Of the server name extension; null leaves the extension out. */
  readonly names: readonly string[] | null
  readonly nameType?: number
  /** Null leaves the block of extensions out, as in SSL 3. */
  readonly extensions?: readonly { readonly type: number; readonly data: Buffer }[] | null
  /** Bytes after the extensions. */
  readonly after?: Buffer
}

/** A ClientHello as a handshake message (RFC 8446 §4.1.2), without its record. */
export function clientHello({ names, nameType = 0, extensions = [], after }: HelloParts): Buffer {
  const named = names === null ? [] : [{ type: 0, data: nameList(names, nameType) }]
  const all = [...named, ...(extensions ?? [])].map(({ type, data }) =>
    Buffer.concat([number(type, 2), block(data, 2)]),
  )
  const body = Buffer.concat([
    Buffer.from('0303', 'hex'),
    Buffer.alloc(32, 7),
    block(Buffer.alloc(32, 9), 1),
    block(Buffer.from('0a0a1301', 'hex'), 2),
    block(Buffer.from([0]), 1),
    ...(extensions === null ? [] : [block(Buffer.concat(all), 2)]),
    after ?? Buffer.alloc(0),
  ])
  return Buffer.concat([Buffer.from([1]), block(body, 3)])
}

/** The message in records of these lengths; what is left comes in one more. */
export function inRecords(message: Buffer, lengths: readonly number[] = []): Buffer {
  const records: Buffer[] = []
  let rest = message
  for (const length of [...lengths, message.length]) {
    if (rest.length === 0) break
    records.push(Buffer.concat([Buffer.from('160301', 'hex'), block(rest.subarray(0, length), 2)]))
    rest = rest.subarray(length)
  }
  return Buffer.concat(records)
}

function nameList(names: readonly string[], type: number): Buffer {
  const entries = names.map((name) => Buffer.concat([Buffer.from([type]), block(name, 2)]))
  return block(Buffer.concat(entries), 2)
}

/** The bytes with their length before them. */
function block(bytes: Buffer | string, width: number): Buffer {
  const content = Buffer.from(bytes)
  return Buffer.concat([number(content.length, width), content])
}

function number(value: number, width: number): Buffer {
  const bytes = Buffer.alloc(width)
  bytes.writeUIntBE(value, 0, width)
  return bytes
}
