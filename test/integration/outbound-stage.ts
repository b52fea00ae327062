import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import http, { type RequestListener } from 'node:http'
import https from 'node:https'
import net, { type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { directHosts } from '../../src/outbound/direct-hosts.ts'
import type { Outbound } from '../../src/outbound/outbound.ts'
import { onEnd, temporary } from './egress-hosts.ts'

/** A company's own certificate authority, which no program knows by itself. */
export interface Authority {
  /** Its certificate. */
  readonly pem: string
  readonly file: string
  certify(name: string): { readonly key: string; readonly cert: string }
}

export function makeAuthority(directory: string): Authority {
  const at = (name: string): string => join(directory, name)
  const openssl = (...words: readonly string[]): void => {
    execFileSync('openssl', words, { stdio: 'ignore' })
  }
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const subject = ['-subj', '/CN=Authority of a test', '-days', '1']
  const uses = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign']
  openssl(
    ...['req', '-x509', ...newKey, ...subject, ...uses],
    ...['-keyout', at('ca.key'), '-out', at('ca.pem')],
  )
  return {
    pem: readFileSync(at('ca.pem'), 'utf8'),
    file: at('ca.pem'),
    certify(name) {
      writeFileSync(at(`${name}.ext`), `subjectAltName=DNS:${name}\n`)
      openssl(
        ...['req', ...newKey, '-subj', `/CN=${name}`],
        ...['-keyout', at(`${name}.key`), '-out', at(`${name}.csr`)],
      )
      openssl(
        ...['x509', '-req', '-in', at(`${name}.csr`), '-days', '1'],
        ...['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial'],
        ...['-extfile', at(`${name}.ext`), '-out', at(`${name}.pem`)],
      )
      const [key, cert] = [at(`${name}.key`), at(`${name}.pem`)]
      return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
    },
  }
}

export const password = 'p@ss-canary'
export const secretForms = [password, encodeURIComponent(password), basicOf(password)]

const demand = [
  'Proxy-Authenticate: Basic realm="company"',
  ...['Content-Length: 0', 'Connection: close', 'Proxy-Connection: close'],
].join('\r\n')

export interface CompanyProxy {
  /** With user name and password. */
  readonly url: URL
  readonly refusedUrl: URL
  /** `name:port` of every passage. */
  readonly passed: string[]
  readonly refused: string[]
}

/** A proxy as companies run them: it demands a password, and knows the names of the world. */
export async function startCompanyProxy(
  hosts: Readonly<Record<string, number>>,
): Promise<CompanyProxy> {
  const passed: string[] = []
  const refused: string[] = []
  const admits = (authority: string, header: string | undefined): boolean => {
    const isKnown = header === `Basic ${basicOf(password)}`
    const list = isKnown ? passed : refused
    list.push(authority)
    return isKnown
  }
  const server = http.createServer((request, response) => {
    const { host, hostname, pathname } = new URL(request.url ?? '')
    if (!admits(host, request.headers['proxy-authorization']))
      return void response.writeHead(407, { 'proxy-authenticate': 'Basic realm="c"' }).end()
    const port = hosts[`${hostname}:80`] ?? 1
    const onwards = http.request({ port, path: pathname, method: request.method ?? 'GET' })
    onwards.on('error', () => response.writeHead(502).end())
    onwards.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onwards)
  })
  server.on('connect', ({ url: authority = '', headers }, client: Socket) => {
    client.on('error', () => undefined)
    if (!admits(authority, headers['proxy-authorization']))
      return void client.end(`HTTP/1.1 407 Who are you\r\n${demand}\r\n\r\n`)
    const host = net.connect(hosts[authority] ?? 1, '127.0.0.1')
    host.on('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'))
    host.once('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      host.pipe(client).pipe(host)
    })
  })
  const port = await listening(server)
  const urlWith = (word: string): URL =>
    new URL(`http://me:${encodeURIComponent(word)}@127.0.0.1:${port}`)
  return { url: urlWith(password), refusedUrl: urlWith(`not-${password}`), passed, refused }
}

function basicOf(word: string): string {
  return Buffer.from(`me:${word}`).toString('base64')
}

/** A host of the world whose certificate is the company's. */
export const startSecure = (
  authority: Authority,
  name: string,
  listener: RequestListener,
): Promise<number> => listening(https.createServer(authority.certify(name), listener))

async function listening(server: http.Server | https.Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onEnd(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

export const outboundOf = (proxy: URL | null, authority: Authority | null): Outbound => ({
  proxy,
  direct: directHosts([]),
  certificates: authority === null ? [] : [authority.pem],
})

export const anAuthority = (): Authority => makeAuthority(temporary())
