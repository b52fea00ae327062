import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { gatewayLimits } from '../../src/gateway/limits.ts'
import { createTransport } from '../../src/gateway/transport.ts'
import { createClient } from '../../src/registry/upstream.ts'
import { onEnd } from './egress-hosts.ts'
import { outboundOf, password, secretForms } from './outbound-stage.ts'

/** Only ends a hang, which is the defect. */
const hangMs = 20_000
const address = 'https://silent.company-test.example/'
const later = 60_000

type Silence = (client: Socket) => void

const saysNothing: Silence = () => undefined

const connectsToSilence: Silence = (client) => {
  client.once('data', () => client.write('HTTP/1.1 200 OK\r\n\r\n'))
}

/** Slow enough for the deadline to come before the bound of the header. */
const drips: Silence = (client) => {
  client.write('HTTP/1.1 200 OK\r\nx: ')
  const timer = setInterval(() => client.write('x'), 10)
  client.once('close', () => clearInterval(timer))
}

const pours: Silence = (client) => {
  client.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}`)
}

const silences: readonly (readonly [string, Silence])[] = [
  ['says nothing', saysNothing],
  ['connects to a host that says nothing', connectsToSilence],
  ['never ends its header', drips],
]

async function startProxy(silence: Silence) {
  const open = new Set<Socket>()
  const server = net.createServer((client) => {
    open.add(client)
    client.once('close', () => open.delete(client))
    client.on('error', () => undefined)
    client.resume()
    silence(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onEnd(() => {
    server.close()
    for (const client of open) client.destroy()
  })
  const { port } = server.address() as AddressInfo
  const url = new URL(`http://me:${encodeURIComponent(password)}@127.0.0.1:${port}`)
  return { open, url, connected: () => vi.waitFor(() => expect(open.size).toBe(1), 5_000) }
}

type Proxy = Awaited<ReturnType<typeof startProxy>>

const failureOf = async (asking: Promise<unknown>): Promise<string> => {
  const error: unknown = await asking.then(
    () => null,
    (failure: unknown) => failure,
  )
  const said = JSON.stringify([error, String(error), (error as Error).stack])
  for (const secret of secretForms) expect(said).not.toContain(secret)
  return String(error)
}

const expectNoConnection = ({ open }: Proxy) => vi.waitFor(() => expect(open.size).toBe(0), 5_000)

const askModel = (
  { url }: Proxy,
  connectTimeoutMs: number,
  signal = new AbortController().signal,
): Promise<unknown> => {
  const transport = createTransport({ ...gatewayLimits, connectTimeoutMs }, outboundOf(url, null))
  onEnd(() => transport[Symbol.dispose]())
  const asking = { method: 'GET', url: new URL(address), headers: {}, body: null } as const
  return transport.send(asking, signal)
}

const askRegistry = (
  { url }: Proxy,
  headersMs: number,
  signal = new AbortController().signal,
): Promise<unknown> => {
  const client = createClient({ url: new URL(address), outbound: outboundOf(url, null) })
  onEnd(() => client[Symbol.dispose]())
  const limits = { headersMs, idleMs: later }
  return client.ask({ method: 'GET', path: 'tiny', headers: {}, ...limits, signal })
}

describe.each(silences)('behind a proxy that %s', (_, silence) => {
  it.each([
    ['the gateway', askModel, /connecting took longer than 300 ms/],
    ['the registry', askRegistry, /the registry gave no answer in 300 ms/],
  ] as const)(
    'a request of %s ends at its deadline, and its connection too',
    async (_name, ask, what) => {
      const proxy = await startProxy(silence)
      expect(await failureOf(ask(proxy, 300))).toMatch(what)
      await expectNoConnection(proxy)
    },
    hangMs,
  )

  it.each([
    ['the gateway', askModel],
    ['the registry', askRegistry],
  ] as const)(
    'a request of %s ends with its client, and its connection too',
    async (_name, ask) => {
      const proxy = await startProxy(silence)
      const client = new AbortController()
      const failure = failureOf(ask(proxy, later, client.signal))
      await proxy.connected()
      client.abort()
      expect(await failure).toMatch(/AbortError/)
      await expectNoConnection(proxy)
    },
    hangMs,
  )
})

describe('behind a proxy whose header is too long', () => {
  it.each([
    ['the gateway', askModel],
    ['the registry', askRegistry],
  ] as const)(
    'a request of %s fails before its deadline',
    async (_name, ask) => {
      const proxy = await startProxy(pours)
      expect(await failureOf(ask(proxy, later))).toBe(
        `Error: the upstream proxy ${proxy.url.origin} answers nothing that can be read`,
      )
      await expectNoConnection(proxy)
    },
    hangMs,
  )
})
