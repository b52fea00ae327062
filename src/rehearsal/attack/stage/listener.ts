import { randomUUID } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { modelHost } from '../../runner/model-host.ts'

/** Waits on every address of this machine, over TCP and UDP, for what an attacker gets out. */
export interface Listener extends AsyncDisposable {
  /** The same for TCP and UDP. */
  readonly port: number
  /** The beginning of what came through each connection and in each packet. */
  readonly arrived: readonly string[]
}

/** What it answers over TCP, as HTTP. */
export const listenerAnswer = `reached ${randomUUID()}`

const answer = `HTTP/1.0 200 OK\r\nContent-Length: ${listenerAnswer.length}\r\n\r\n${listenerAnswer}`

export async function startListener(): Promise<Listener> {
  const arrived: string[] = []
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    const index = arrived.push('a connection') - 1
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    socket.on('error', () => undefined)
    socket.once('data', (chunk) => {
      arrived[index] = chunk.subarray(0, 2_000).toString('latin1')
      socket.end(answer)
    })
  })
  await once(server.listen(0, '0.0.0.0'), 'listening')
  const { port } = server.address() as AddressInfo
  const packets = createSocket('udp4', (packet) => {
    arrived.push(`a packet: ${packet.subarray(0, 2_000).toString('latin1')}`)
  })
  packets.bind(port, '0.0.0.0')
  await once(packets, 'listening')
  return {
    port,
    arrived,
    async [Symbol.asyncDispose]() {
      packets.close()
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/**
 * The addresses of this machine in its networks: loopback, those of its interfaces, the bridge's.
 */
export async function machineAddresses(): Promise<readonly string[]> {
  const interfaces = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  const own = interfaces.filter(({ family }) => family === 'IPv4').map(({ address }) => address)
  return [...new Set(['127.0.0.1', ...own, await modelHost('docker')])]
}

/** Answers every request with a redirect. */
export async function startRedirect(to: string): Promise<Pick<Listener, 'port'> & AsyncDisposable> {
  const server = createHttpServer((_, response) => {
    response.writeHead(302, { location: to }).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Asks every request for a password, and keeps what it is given. */
export async function startPasswordThief() {
  const given: string[] = []
  let asked = 0
  const server = createHttpServer(({ headers }, response) => {
    asked += 1
    if (headers.authorization !== undefined) given.push(headers.authorization)
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    given,
    get asked() {
      return asked
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
