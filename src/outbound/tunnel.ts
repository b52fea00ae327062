import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** Opens the connection of a tunnel, or rejects with an `Error`; the signal ends the attempt. */
type Open = (signal: AbortSignal) => Promise<Socket>

/**
 * A connection through the proxy that can be used, and destroyed, before it is open. Destroying
 * it closes the connection to the proxy at once.
 */
export class Tunnel extends Duplex {
  readonly #ending = new AbortController()
  #socket: Socket | null = null
  #isRead = false
  #isIdle = false
  /** What is written before the connection is open. */
  #pending: (() => void) | null = null

  constructor(open: Open) {
    // As a socket does: the end of one side is that of the other.
    super({ allowHalfOpen: false })
    open(this.#ending.signal).then(
      (socket) => this.#use(socket),
      (error: unknown) => this.destroy(error as Error),
    )
  }

  /** Whether it alone keeps the process running. */
  set isIdle(isIdle: boolean) {
    this.#isIdle = isIdle
    this.#refer()
  }

  #use(socket: Socket): void {
    if (this.destroyed) return void socket.destroy()
    this.#socket = socket
    this.#refer()
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) socket.pause()
    })
    socket.once('end', () => this.push(null))
    socket.on('error', (error) => this.destroy(error))
    socket.once('close', () => {
      // What was received before the end may still be read.
      if (!socket.readableEnded) this.destroy()
    })
    if (!this.#isRead) socket.pause()
    this.#pending?.()
    this.#pending = null
  }

  #refer(): void {
    if (this.#isIdle) this.#socket?.unref()
    else this.#socket?.ref()
  }

  override _read(): void {
    this.#isRead = true
    this.#socket?.resume()
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    const write = (): void => void this.#socket?.write(chunk, done)
    if (this.#socket === null) this.#pending = write
    else write()
  }

  override _final(done: (error?: Error | null) => void): void {
    const end = (): void => void this.#socket?.end(() => done())
    if (this.#socket === null) this.#pending = end
    else end()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#ending.abort()
    this.#socket?.destroy()
    done(error)
  }
}
