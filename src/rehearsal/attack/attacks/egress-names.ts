import { randomUUID } from 'node:crypto'
import type { Attack } from '../stage/attack.ts'
import { startOther } from '../stage/containers.ts'
import { startListener, startRedirect } from '../stage/listener.ts'
import { runInside } from '../stage/run-inside.ts'
import type { Stage } from '../stage/stage.ts'
import { modelHost } from '../../runner/model-host.ts'

/** Ways to write an IPv4 address, as a client of some proxy has got through with. */
function spellingsOf(address: string): readonly string[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
  const number = ((a * 256 + b) * 256 + c) * 256 + d
  const hex = (part: number) => part.toString(16).padStart(2, '0')
  const octal = (part: number) => `0${part.toString(8)}`
  const wide = address.replaceAll(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))
  const mapped = `${hex(a)}${hex(b)}:${hex(c)}${hex(d)}`
  return [
    ...[
      address,
      `${address}.`,
      String(number),
      `0x${number.toString(16)}`,
      `0${number.toString(8)}`,
    ],
    ...[[a, b, c, d].map(octal).join('.'), [a, b, c, d].map((part) => `0x${hex(part)}`).join('.')],
    ...[
      `${a}.${(b * 256 + c) * 256 + d}`,
      `${a}.${b}.${c * 256 + d}`,
      `0x${hex(a)}.${b}.${c}.${d}`,
    ],
    ...[`[::ffff:${address}]`, `[::ffff:${mapped}]`, `[::${address}]`, `[64:ff9b::${address}]`],
    ...[`[2002:${mapped}::]`, `[::ffff:${address}%25lo]`, wide, `${address}%00.example.com`],
    ...[`example.com@${address}`, `user:secret@${address}`, `${address}#.example.com`],
    ...[`${address}\\@example.com`, `%31${address.slice(1)}`, `${address}%20`, `${address}\t`],
    ...[`example.com\r\nHost: ${address}`, `${address}.example.com.evil`, `//${address}`],
  ]
}

const names = ['localhost', 'LOCALHOST.', 'localhost.localdomain', 'a.localhost', 'ip6-localhost']
const loopbacks = ['[::1]', '[0:0:0:0:0:0:0:1]', '[::]', '0.0.0.0', '0', '127.1', '127.0.0.2']

interface Try {
  readonly host: string
  readonly port: number
}

/** In the attacker's container: each target by CONNECT and in absolute form. Counts the answers. */
async function ask({ tries, secret }: { readonly tries: readonly Try[]; readonly secret: string }) {
  const { connect } = await import('node:net')
  const send = (bytes: string, then: string) =>
    new Promise<string>((resolve) => {
      let said = ''
      const socket = connect('/run/orchestrator/egress.sock', () => socket.write(bytes, 'utf8'))
      socket.setTimeout(4_000, () => socket.destroy())
      socket.on('data', (chunk: Buffer) => {
        if (said === '' && then !== '') socket.write(then)
        said += chunk.toString('latin1')
      })
      socket.on('error', () => undefined).on('close', () => resolve(said))
    })
  const answers = { refused: 0, others: [] as string[] }
  const requests = tries.flatMap(({ host, port }) => {
    const [authority, path] = [`${host}:${port}`, `/${secret}/${encodeURIComponent(host)}`]
    const plain = `GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`
    return [
      [
        authority,
        `GET http://${authority}${path} HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`,
        '',
      ],
      [
        authority,
        `GET http://${authority}${path} HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n`,
        '',
      ],
      [authority, `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`, plain],
    ] as const
  })
  const queue = requests[Symbol.iterator]()
  const work = async () => {
    for (const [authority, bytes, then] of queue) {
      // In a tunnel to port 80 the proxy judges each request.
      const said = (await send(bytes, then)).replace(/^HTTP\/1\.1 200 Conn[^]*?\r\n\r\n/, '')
      if (/^HTTP\/1\.1 (?:40\d|50\d)/.test(said)) answers.refused += 1
      else answers.others.push(`${authority}: ${said.split('\r\n')[0]}`)
    }
  }
  await Promise.all(Array.from({ length: 12 }, work))
  return answers
}

/**
 * Also a container on the bridge, where port 80 needs no root: by the default rules the proxy goes
 * to the ports 80 and 443 alone. Two rules refuse an address, so both are switched off.
 */
export const egressNames: Attack = {
  id: 'egress-names',
  from: 'a worker',
  tries: 'writes loopback, this machine and metadata in forty ways to the proxy; is redirected',
  world: 'proxied',
  disarmedBy: [
    {
      file: 'src/egress/allow-list.ts',
      find: "mode === 'proxied' && !isAddress && host.includes('.')",
      replace: "mode === 'proxied' && (isAddress || host.includes('.'))",
    },
    {
      file: 'src/egress/allow-list.ts',
      find: "return leadsTo.includes('public') && !classes.includes('private') ? addresses : []",
      replace: 'return addresses',
    },
  ],
  async run(stage) {
    const { attacker } = stage
    await using listener = await startListener()
    const secret = `exfiltrated-${randomUUID()}`
    await using other = await startOther(attacker.container)
    const host = await modelHost('docker')
    const tries = [
      ...spellingsOf('127.0.0.1').map((each) => ({ host: each, port: listener.port })),
      ...spellingsOf(host).map((each) => ({ host: each, port: listener.port })),
      ...spellingsOf(other.address).map((each) => ({ host: each, port: 80 })),
      ...spellingsOf('169.254.169.254').map((each) => ({ host: each, port: 80 })),
      ...[...names, ...loopbacks].flatMap((each) => [
        { host: each, port: listener.port },
        { host: each, port: 80 },
      ]),
      { host: other.address, port: 22 },
    ]
    const { refused, others } = await runInside(attacker, ask, { tries, secret })
    if (refused < tries.length) throw new Error(`the proxy refused ${refused} requests only`)
    const redirected = await followRedirect(stage, `http://${other.address}/${secret}`)
    const reached = await other.arrived()
    return [
      ...redirected,
      ...others.filter((each) => !each.endsWith(': ')).map((each) => `an answer to ${each}`),
      ...listener.arrived.map((each) => `on this machine: ${each.split('\r\n')[0]}`),
      ...reached.map((each) => `in another container: ${each}`),
    ]
  },
}

/** A host that a person allowed sends the attacker on to one that no person allowed. */
async function followRedirect(stage: Stage, to: string): Promise<readonly string[]> {
  await using redirect = await startRedirect(to)
  const host = `127.0.0.1:${redirect.port}`
  const answer = await stage.request('/api/v1/hosts/allow', { host })
  if (!answer.ok) throw new Error(`allowing a host is answered with ${answer.status}`)
  const proxy = 'http://127.0.0.1:3128'
  const words = `-sS --max-time 10 -x ${proxy} -w ' %{http_code} %{num_redirects}'`
  const { text } = await stage.attacker.sh(`curl -L ${words} http://${host}/`)
  await stage.request('/api/v1/hosts/withdraw', { host })
  if (!/ \d{3} 1$/.test(text)) throw new Error(`the allowed host does not redirect: ${text}`)
  return text.endsWith('403 1') ? [] : [`what a redirect led to: ${text}`]
}
