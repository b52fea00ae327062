import type { Duplex } from 'node:stream'
import { type HelloReading, readClientHello } from './client-hello.ts'
import { peek, PeekEnded, PeekTimedOut } from './peek.ts'
import { Refused } from './refusal.ts'
import { readSecondHello, readServerAnswer } from './second-hello.ts'
import type { Target } from './target.ts'

export interface HandshakeRules {
  readonly target: Target
  /** Encrypted Client Hello hides the name that counts. */
  readonly mayHideName: boolean
  readonly timeoutMs: number
  readonly onSent: (bytes: number) => void
  readonly onReceived: (bytes: number) => void
}

/**
 * Passes on the client's part of a TLS handshake as far as it names the host. Nothing reaches the
 * host before its name was compared, also when the host asks for a second ClientHello. Afterwards
 * both streams go on with what was not passed on. Throws `Refused`.
 */
export async function passHandshake(
  client: Duplex,
  host: Duplex,
  rules: HandshakeRules,
): Promise<void> {
  await passHello(client, host, rules, readClientHello)
  const answer = await peek(host, lookAtAnswer, rules.timeoutMs)
  if (answer === 'other') return
  const count = (chunk: Buffer): void => rules.onReceived(chunk.length)
  // The client needs the request for a second hello before it sends one.
  host.on('data', count).pipe(client, { end: false })
  try {
    await passHello(client, host, rules, readSecondHello)
  } finally {
    host.off('data', count).unpipe(client)
  }
}

async function passHello(
  client: Duplex,
  host: Duplex,
  { target, mayHideName, timeoutMs, onSent }: HandshakeRules,
  read: (bytes: Buffer) => HelloReading,
): Promise<void> {
  const look = (bytes: Buffer) => {
    const reading = read(bytes)
    return reading.kind === 'incomplete' ? reading : { found: reading }
  }
  const reading = await peek(client, look, timeoutMs).catch((error: unknown) => {
    if (error instanceof PeekTimedOut) throw new Refused('too-slow', target)
    if (error instanceof PeekEnded) throw new Refused('not-tls', target)
    throw error
  })
  if (reading.kind === 'malformed') throw new Refused('not-tls', target)
  const { serverName, isEncrypted, bytes } = reading.hello
  // Clients send no name for an address.
  if (serverName !== (target.isAddress ? null : target.host))
    throw new Refused('server-name', target)
  if (isEncrypted && !mayHideName) throw new Refused('encrypted-name', target)
  onSent(bytes)
  host.write(client.read(bytes))
}

function lookAtAnswer(bytes: Buffer): { found: 'retry' | 'other' } | { atLeast: number } {
  const answer = readServerAnswer(bytes)
  return answer === 'incomplete' ? { atLeast: bytes.length + 1 } : { found: answer }
}

/** A fatal alert: the client reports "unrecognized name" instead of a broken connection. */
export const unrecognizedName = Buffer.from([21, 3, 3, 0, 2, 2, 112])
