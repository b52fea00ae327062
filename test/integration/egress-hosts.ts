import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http, { type IncomingHttpHeaders, type RequestListener } from 'node:http'
import https from 'node:https'
import net, { type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'

let resources = new DisposableStack()
afterEach(() => {
  resources.dispose()
  resources = new DisposableStack()
})

/** Runs after the test, the last one first. */
export const onEnd = (close: () => void): void => resources.defer(close)

export function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'egress-'))
  onEnd(() => rmSync(directory, { recursive: true }))
  return directory
}

export async function startHttp(listener: RequestListener): Promise<number> {
  return await listening(http.createServer(listener))
}

/** A certificate that no client trusts, which is what these tests want. */
export function selfSigned(): { readonly key: string; readonly cert: string } {
  const directory = temporary()
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
  const about = ['-subj', '/CN=example.com', '-days', '1', '-nodes']
  const asked = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', ...about]
  execFileSync('openssl', [...asked, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}

export interface TlsHost {
  readonly port: number
  /** The names in the handshakes that it saw. */
  readonly serverNames: (string | false)[]
}

export async function startTls(
  listener: RequestListener,
  options: https.ServerOptions = {},
): Promise<TlsHost> {
  const serverNames: (string | false)[] = []
  const server = https.createServer({ ...selfSigned(), ...options }, listener)
  server.on('secureConnection', (socket) => serverNames.push(socket.servername ?? false))
  return { port: await listening(server), serverNames }
}

/** A host that does with its connections what the test says, and keeps what they send. */
export async function startRaw(
  onConnection: (socket: Socket) => void = () => {},
): Promise<{ readonly port: number; readonly received: () => Buffer }> {
  const chunks: Buffer[] = []
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    onConnection(socket)
  })
  return { port: await listening(server), received: () => Buffer.concat(chunks) }
}

async function listening(server: net.Server | http.Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onEnd(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

/** The operator's own proxy: everything that it is asked for is at this port. */
export async function startUpstream(
  port: number,
  { status = 200, before = () => {} }: { readonly status?: number; before?: () => void } = {},
) {
  const asked: { authority: string | undefined; headers: IncomingHttpHeaders }[] = []
  const server = http.createServer()
  server.on('connect', (request, client) => {
    asked.push({ authority: request.url, headers: request.headers })
    before()
    client.write(`HTTP/1.1 ${status} Answer\r\n\r\n`)
    if (status !== 200) return void client.end()
    const host = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    host.on('error', () => client.destroy()).pipe(client)
    client.on('error', () => host.destroy()).pipe(host)
  })
  const url = new URL(`http://me:p%40ss@127.0.0.1:${await listening(server)}`)
  return { url, asked }
}
