import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/*
 * Node reads up to 64 KiB of a connection at once, and makes a request of each of the 1,900 heads
 * that fit in them before anything else runs: 128 connections stop the server for half a minute. So
 * connections are read in slices, and other work runs between them.
 */

/** At most 29 of the shortest heads. */
const sliceBytes = 1_024

/** Unanswered requests of one connection; then it is not read until one of them is answered. */
const mostUnanswered = 16

/** Milliseconds of reading before other work runs. */
const turnMs = 2

/**
 * Bytes of a body that are still read, and dropped, after its request was answered: the connection
 * can serve another request then. Beyond them it ends. Reading all of it would cost the memory and
 * the time that refusing it was to save. Go's server reads as much.
 */
const mostDropped = 256 * 1_024

/** Milliseconds in which the client can read the answer before its connection is cut. */
const lingerMs = 2_000

/** The connections of one server that have something to read, each in turn. */
export class ReadingTurns {
  readonly #ready = new Set<PacedConnection>()
  #isDue = false

  add(connection: PacedConnection): void {
    this.#ready.add(connection)
    if (this.#isDue) return
    this.#isDue = true
    setImmediate(() => this.#run())
  }

  #run(): void {
    this.#isDue = false
    const end = performance.now() + turnMs
    for (const connection of this.#ready) {
      this.#ready.delete(connection)
      connection.deliver()
      if (performance.now() >= end) break
    }
    const [next] = this.#ready
    if (next !== undefined) this.add(next)
  }
}

type SocketPart =
  | 'setTimeout'
  | 'setNoDelay'
  | 'setKeepAlive'
  | 'remoteAddress'
  | 'remotePort'
  | 'localAddress'
  | 'localPort'
  | 'bytesRead'

/** Usually a socket. */
type Raw = Duplex & { readonly [Part in SocketPart]?: Socket[Part] | undefined }

/** Hands on what a connection sends slice by slice, and everything else as it is. */
export class PacedConnection extends Duplex {
  readonly #raw: Raw
  readonly #turns: ReadingTurns
  #rest: Buffer | null = null
  /** False for a tunnel, in which anything may come. */
  #holdsRequests = true
  /** So many of the next bytes are certainly the body of a request. */
  #bodyBytes = 0
  /** So many of the next bytes are read, at most. */
  #readable = Infinity
  #unanswered = 0
  #isWanted = false
  #isAtEnd = false
  #isEnding = false

  constructor(raw: Duplex, turns: ReadingTurns) {
    // The smallest mark: nothing is kept beside the slice that is being read.
    super({ readableHighWaterMark: 1 })
    this.#raw = raw
    this.#turns = turns
    raw.on('data', (chunk: Buffer) => {
      raw.pause()
      this.#rest = chunk
      turns.add(this)
    })
    raw.on('end', () => {
      this.#isAtEnd = true
      turns.add(this)
    })
    raw.on('error', (error) => this.destroy(error))
    raw.on('close', () => this.destroy())
    raw.on('timeout', () => this.emit('timeout'))
    raw.pause()
  }

  begin(request: IncomingMessage, response: ServerResponse): void {
    // A part of it may be in the slice that the head came in.
    this.#bodyBytes = Number(request.headers['content-length'] ?? 0) - sliceBytes
    this.#readable = Infinity
    this.#unanswered += 1
    if (mayBeDropped(request))
      beforeHead(response, () => {
        if (request.complete) return
        response.setHeader('connection', 'close')
        this.#isEnding = true
      })
    response.once('close', () => {
      this.#unanswered -= 1
      if (!request.complete) this.#readable = mostDropped
      this.#turns.add(this)
    })
  }

  becomeTunnel(): void {
    this.#holdsRequests = false
    this.#readable = Infinity
  }

  /** Hands on the next slice, if it is wanted and there is one. */
  deliver(): void {
    if (this.destroyed || !this.#isWanted || this.#unanswered >= mostUnanswered) return
    const rest = this.#rest
    if (rest === null) {
      if (this.#isAtEnd) this.push(null)
      else this.#raw.resume()
      return
    }
    const size = this.#holdsRequests ? Math.max(sliceBytes, this.#bodyBytes) : rest.length
    this.#rest = size < rest.length ? rest.subarray(size) : null
    this.#bodyBytes -= Math.min(size, rest.length)
    this.#readable -= Math.min(size, rest.length)
    if (this.#readable < 0) return this.#stopReading()
    this.#isWanted = false
    // When something wants more, `_read` is called.
    this.push(rest.subarray(0, size))
  }

  /** The client gets what was answered, and then the end. */
  #stopReading(): void {
    this.#readable = -1
    this.#raw.end()
    setTimeout(() => this.destroy(), lingerMs).unref()
  }

  override _read(): void {
    this.#isWanted = true
    this.#turns.add(this)
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: () => void): void {
    this.#raw.write(chunk, encoding, done)
  }

  override _writev(
    chunks: { readonly chunk: Buffer; readonly encoding: BufferEncoding }[],
    done: () => void,
  ): void {
    this.#raw.cork()
    for (const [index, { chunk, encoding }] of chunks.entries())
      this.#raw.write(chunk, encoding, index === chunks.length - 1 ? done : undefined)
    this.#raw.uncork()
  }

  override _final(done: () => void): void {
    this.#raw.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#raw.destroy()
    done(error)
  }

  /** As of a socket, for what uses one. */
  destroySoon(): void {
    // Cut at once, with something unread, it would take the answer along.
    if (this.#isEnding) return this.#stopReading()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
    if (this.writable) this.end()
  }

  setTimeout(ms: number, onTimeout?: () => void): this {
    if (onTimeout !== undefined) this.once('timeout', onTimeout)
    this.#raw.setTimeout?.(ms)
    return this
  }

  setNoDelay(isOn?: boolean): this {
    this.#raw.setNoDelay?.(isOn)
    return this
  }

  setKeepAlive(isOn?: boolean, initialDelay?: number): this {
    this.#raw.setKeepAlive?.(isOn, initialDelay)
    return this
  }

  get remoteAddress(): string | undefined {
    return this.#raw.remoteAddress
  }

  get remotePort(): number | undefined {
    return this.#raw.remotePort
  }

  get localAddress(): string | undefined {
    return this.#raw.localAddress
  }

  get localPort(): number | undefined {
    return this.#raw.localPort
  }

  get bytesRead(): number {
    return this.#raw.bytesRead ?? 0
  }
}

/** The body may be more than what is read after an answer. */
const mayBeDropped = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > mostDropped

/** Only there the response still takes headers, and it is known what has come of the request. */
function beforeHead(response: ServerResponse, act: () => void): void {
  const writeHead = response.writeHead.bind(response) as (...words: unknown[]) => ServerResponse
  response.writeHead = (...words: unknown[]): ServerResponse => {
    act()
    return writeHead(...words)
  }
}
