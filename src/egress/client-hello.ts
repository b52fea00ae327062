/**
 * Reads the TLS ClientHello (RFC 8446 §4.1.2) at the start of a connection, for the name in it.
 * A client may cut it into records and segments as it likes; everything is bounded.
 */
export type HelloReading =
  /** `atLeast`: with fewer bytes in all the answer is the same. */
  | { readonly kind: 'incomplete'; readonly atLeast: number }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'hello'; readonly hello: ClientHello }

export interface ClientHello {
  /** In lower case; null without the extension. */
  readonly serverName: string | null
  /** With Encrypted Client Hello, a second, hidden name may be the one that counts. */
  readonly isEncrypted: boolean
  /** Of the records that hold it, from the start of the connection. */
  readonly bytes: number
}

/** With post-quantum keys it takes about 2 KiB; OpenSSL cuts it into no more than one record. */
const mostBytes = 16_384
const mostRecords = 16

const handshakeRecord = 22
const clientHelloMessage = 1
const serverNameExtension = 0
const encryptedHelloExtension = 0xfe0d

const malformed: HelloReading = { kind: 'malformed' }

export function readClientHello(bytes: Buffer, start = 0): HelloReading {
  const parts: Buffer[] = []
  let collected = 0
  let position = start
  for (let record = 0; record < mostRecords; record += 1) {
    const header = bytes.subarray(position, position + 5)
    if (!beginsLikeHandshake(header)) return malformed
    if (header.length < 5) return { kind: 'incomplete', atLeast: position + 5 }
    const length = header.readUInt16BE(3)
    if (length === 0 || collected + length > mostBytes) return malformed
    position += 5 + length
    if (bytes.length < position) return { kind: 'incomplete', atLeast: position }
    parts.push(bytes.subarray(position - length, position))
    collected += length
    const message = Buffer.concat(parts)
    if (message[0] !== clientHelloMessage) return malformed
    if (message.length < 4) continue
    const whole = 4 + message.readUIntBE(1, 3)
    // No other message follows in the same record: the answer comes first.
    if (whole > mostBytes || message.length > whole) return malformed
    if (message.length === whole) return readMessage(message, position)
  }
  return malformed
}

function beginsLikeHandshake(header: Buffer): boolean {
  return (
    (header.length < 1 || header[0] === handshakeRecord) && (header.length < 2 || header[1] === 3)
  )
}

function readMessage(message: Buffer, bytes: number): HelloReading {
  try {
    return { kind: 'hello', hello: { ...namesIn(message.subarray(4)), bytes } }
  } catch (error) {
    if (error instanceof Malformed) return malformed
    throw error
  }
}

class Malformed extends Error {}

function namesIn(body: Buffer): Omit<ClientHello, 'bytes'> {
  const fields = new Cursor(body)
  fields.take(2 + 32)
  fields.block(1)
  fields.block(2)
  fields.block(1)
  const extensions = new Map<number, Buffer>()
  const list = new Cursor(fields.isAtEnd() ? Buffer.alloc(0) : fields.block(2))
  while (!list.isAtEnd()) {
    const type = list.number(2)
    // A second one of a kind could be the one that the host reads.
    if (extensions.has(type)) throw new Malformed()
    extensions.set(type, list.block(2))
  }
  if (!fields.isAtEnd()) throw new Malformed()
  const names = extensions.get(serverNameExtension)
  return {
    serverName: names === undefined ? null : onlyNameIn(names),
    isEncrypted: extensions.has(encryptedHelloExtension),
  }
}

/** RFC 6066 §3: a list with one name for each type, and the only type is a host's name. */
function onlyNameIn(extension: Buffer): string {
  const fields = new Cursor(extension)
  const list = new Cursor(fields.block(2))
  const type = list.number(1)
  const name = list.block(2)
  const isAlone = list.isAtEnd() && fields.isAtEnd()
  if (type !== 0 || !isAlone || name.length === 0) throw new Malformed()
  // Each byte stays one character, so that no other name can come out of a decoding.
  return name.toString('latin1').toLowerCase()
}

class Cursor {
  readonly #bytes: Buffer
  #position = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  take(length: number): Buffer {
    const end = this.#position + length
    if (end > this.#bytes.length) throw new Malformed()
    const taken = this.#bytes.subarray(this.#position, end)
    this.#position = end
    return taken
  }

  number(width: number): number {
    return this.take(width).readUIntBE(0, width)
  }

  /** Bytes with their length before them, as a number of `width` bytes. */
  block(width: number): Buffer {
    return this.take(this.number(width))
  }

  isAtEnd(): boolean {
    return this.#position === this.#bytes.length
  }
}
