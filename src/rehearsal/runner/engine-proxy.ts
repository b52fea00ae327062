import { rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'

const usualSocket = '/var/run/docker.sock'
const unix = 'unix://'

interface Loss {
  readonly request: RegExp
  left: number
}

/**
 * A proxy to the engine whose answers a test or a rehearsal delays, holds back or drops, and which
 * it can cut.
 */
export class EngineProxy implements AsyncDisposable {
  readonly address: string
  readonly #path: string
  readonly #sockets = new Set<Socket>()
  readonly #losses: Loss[] = []
  readonly lost: string[] = []
  #server: Server | null = null
  /** Delay of every piece of an answer. */
  delayMs = 0
  /** Pieces of answers that were late. */
  late = 0
  /** Requests for the list of containers, which every full pass of the server makes. */
  lists = 0
  #released = Promise.resolve()

  constructor(path: string) {
    this.#path = path
    this.address = `unix://${path}`
  }

  /** Holds every answer back until the returned function is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#released = promise
    return resolve
  }

  /** The engine carries out such a request and its answer is dropped, so many times. */
  lose(request: RegExp, times: number): void {
    this.#losses.push({ request, left: times })
  }

  async mend(): Promise<void> {
    await rm(this.#path, { force: true })
    const { promise, resolve } = Promise.withResolvers<void>()
    const join = (client: Socket): void => this.#join(client)
    this.#server = createServer({ allowHalfOpen: true }, join).listen(this.#path, resolve)
    await promise
  }

  async cut(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    if (this.#server === null) return
    this.#server.close(() => resolve())
    this.#server = null
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
    await promise
    await rm(this.#path, { force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cut()
  }

  #join(client: Socket): void {
    const engine = connect({ path: engineSocket(), allowHalfOpen: true })
    for (const socket of [client, engine]) this.#sockets.add(socket.on('error', () => undefined))
    let isLost = false
    let former = Promise.resolve()
    /** Each after the former one, also when the delay has just become shorter. */
    const handOn = (hand: () => void): void => {
      const due = Date.now() + this.delayMs
      if (this.delayMs > 0) this.late += 1
      former = former.then(async () => {
        const restMs = due - Date.now()
        if (restMs > 0) await delay(restMs)
        await this.#released
        hand()
      })
    }
    client.on('data', (piece: Buffer) => {
      isLost = this.#loses(piece.subarray(0, 400).toString('latin1')) || isLost
      engine.write(piece)
    })
    engine.on('data', (piece: Buffer) => {
      // The first word of the answer: by then the engine has done what it was asked.
      if (isLost) for (const socket of [client, engine]) socket.destroy()
      else handOn(() => client.write(piece))
    })
    client.on('end', () => engine.end()).on('close', () => this.#leave(client, engine))
    engine
      .on('end', () => handOn(() => client.end()))
      .on('close', () => {
        this.#sockets.delete(engine)
        handOn(() => client.end())
      })
  }

  #leave(client: Socket, engine: Socket): void {
    engine.destroy()
    this.#sockets.delete(client)
  }

  #loses(head: string): boolean {
    const line = head.split('\r\n')[0] ?? ''
    if (/^GET \S*\/containers\/json/.test(line)) this.lists += 1
    const loss = this.#losses.find(({ request, left }) => left > 0 && request.test(line))
    if (loss === undefined) return false
    loss.left -= 1
    this.lost.push(line)
    return true
  }
}

/** Where `docker` finds the engine, unless a context says otherwise. */
function engineSocket(): string {
  const host = process.env['DOCKER_HOST'] ?? ''
  return host.startsWith(unix) ? host.slice(unix.length) : usualSocket
}
