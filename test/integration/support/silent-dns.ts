import { createSocket } from 'node:dgram'
import { promises as dns } from 'node:dns'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import http, { type IncomingMessage } from 'node:http'
import { InstanceId } from '../../../src/core/model/ids.ts'
import { parseAllowedHost } from '../../../src/egress/allow-list.ts'
import { createEgressProxy } from '../../../src/egress/egress-proxy.ts'

/*
 * Runs in a container whose only DNS server is this process, which answers nothing. An instance
 * asks for names; prints what the process can do meanwhile, and what becomes of the names.
 */
const names = process.argv.slice(2)
const socketPath = '/tmp/egress.sock'

const silent = createSocket('udp4')
silent.bind(53, '127.0.0.1')
await once(silent, 'listening')

const allow = ['listed.example', '*.below.example', 'localhost:7'].flatMap((entry) => {
  const parsed = parseAllowedHost(entry)
  return parsed.ok ? [parsed.host] : []
})
const causes = new Map<string, string | null>()
const refused = new Map<string, string | null>()
const proxy = createEgressProxy({
  policy: () => ({ mode: 'proxied', allow }),
  onTunnel: ({ host, cause }) => causes.set(host, cause),
  onRefused: ({ asked, remedy }) => refused.set(asked, remedy),
  onLargeUpload: () => undefined,
  onError: ({ error }) => {
    throw error
  },
})
await once(proxy.listenerFor(InstanceId('worker-1')).server.listen(socketPath), 'listening')

let answered = 0
const ask = async (authority: string): Promise<number> => {
  const headers = { host: authority }
  const request = http.request({ socketPath, method: 'CONNECT', path: authority, headers })
  request.end()
  const [response] = (await Promise.race([
    once(request, 'response'),
    once(request, 'connect'),
  ])) as [IncomingMessage]
  answered += 1
  return response.statusCode ?? 0
}

const queried = once(silent, 'message')
const asking = Promise.all(names.map((name) => ask(`${name}:443`)))
await queried
const { address } = await dns.lookup('localhost')
const text = await readFile('/etc/hostname', 'utf8')
const meanwhile = { address, hasRead: text !== '', answered }
const statuses = await asking
// The file of hosts counts for a name that a person allowed.
const local = await ask('localhost:7')
proxy[Symbol.dispose]()
silent.close()
const found = { statuses: [...new Set(statuses)], causes: [...new Set(causes.values())] }
process.stdout.write(
  JSON.stringify({ meanwhile, ...found, local, refused: Object.fromEntries(refused) }),
)
