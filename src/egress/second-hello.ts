import { type HelloReading, readClientHello } from './client-hello.ts'

/**
 * A host may answer a ClientHello with HelloRetryRequest (RFC 8446 §4.1.4). The client sends a
 * second one, and some hosts take the name from that.
 */
export type ServerAnswer = 'incomplete' | 'retry' | 'other'

/** The random value that makes a ServerHello a HelloRetryRequest: SHA-256 of that word. */
const retryRandom = Buffer.from(
  'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c',
  'hex',
)

const alertRecord = 21
const alertBytes = 7
const warning = 1
const mostWarnings = 4
const handshakeRecord = 22
/** ChangeCipherSpec for old middleboxes, and early data; both may come before a second hello. */
const skippedRecords = [20, 23]
const mostSkippedBytes = 65_536

/** Reads the start of what a host sends. Warnings come before the answer, each in a record. */
export function readServerAnswer(bytes: Buffer): ServerAnswer {
  let start = 0
  while (bytes[start] === alertRecord && start < mostWarnings * alertBytes) {
    if (bytes.length < start + alertBytes) return 'incomplete'
    // After a fatal alert nothing follows.
    if (bytes[start + 5] !== warning) return 'other'
    start += alertBytes
  }
  if (bytes.length <= start) return 'incomplete'
  if (bytes[start] !== handshakeRecord) return 'other'
  const random = start + 5 + 4 + 2
  if (bytes.length < random + retryRandom.length) return 'incomplete'
  return bytes.subarray(random, random + retryRandom.length).equals(retryRandom) ? 'retry' : 'other'
}

export function readSecondHello(bytes: Buffer): HelloReading {
  let start = 0
  while (skippedRecords.includes(bytes[start] ?? -1)) {
    if (bytes.length < start + 5) return { kind: 'incomplete', atLeast: start + 5 }
    start += 5 + bytes.readUInt16BE(start + 3)
    if (start > mostSkippedBytes) return { kind: 'malformed' }
    if (bytes.length <= start) return { kind: 'incomplete', atLeast: start + 1 }
  }
  return readClientHello(bytes, start)
}
