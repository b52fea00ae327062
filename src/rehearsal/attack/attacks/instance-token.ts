import type { Attack } from '../stage/attack.ts'
import type { Inside } from '../stage/inside.ts'
import { sampleBody, operatorRoutes, type OperatorRoute } from '../stage/operator-routes.ts'
import { rawRequest } from '../stage/raw-request.ts'
import { runInside } from '../stage/run-inside.ts'

interface Request extends OperatorRoute {
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** In the attacker's container, over its own socket. Returns the status of each answer. */
async function ask(requests: readonly Request[]) {
  const { request } = await import('node:http')
  const socketPath = '/run/orchestrator/server.sock'
  const send = ({ method, path, headers, body }: Request) =>
    new Promise<number>((resolve, reject) => {
      const sent = request({ socketPath, method, path, headers }, (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      })
      sent.on('error', reject)
      sent.end(body)
    })
  const statuses = []
  for (const each of requests) statuses.push(await send(each))
  return statuses
}

const json = { 'content-type': 'application/json' }
const stop = JSON.stringify({ hook_event_name: 'Stop', stop_hook_active: false })
const tool = (name: string) => {
  const params = { name, arguments: { note: 'forged', summary: 'forged', question: 'forged' } }
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })
}

/** Hooks and tools as if this token's instance sent them. */
const asInstance = (token: string, launch: string): readonly Request[] => {
  const headers = {
    ...{ authorization: `Bearer ${token}`, ...json, 'x-protocol': '1', 'x-launch': launch },
    ...{ 'x-sequence': '9000000', accept: 'application/json, text/event-stream' },
  }
  return [
    { method: 'POST', path: '/hooks/Stop', headers, body: stop },
    { method: 'POST', path: '/hooks/StatusLine', headers, body: '{}' },
    { method: 'POST', path: '/mcp', headers, body: tool('report_progress') },
    { method: 'POST', path: '/otel/v1/logs', headers, body: '{}' },
    { method: 'GET', path: '/gateway/v1/models', headers },
  ]
}

const tokenIn = (inside: Inside): Promise<string> =>
  inside.output('printf %s "$ORCHESTRATOR_TOKEN"')

/** The two defences are of their own: roles on the operator's port, sockets between instances. */
export const instanceToken: Attack = {
  id: 'instance-token',
  from: 'a worker',
  tries: 'asks as operator, and sends hooks and tool calls with tokens of others',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/http/access/socket-launch.ts',
      find: 'if (own === undefined || token === null) return',
      replace: 'if (own !== undefined || token === null) return',
    },
    {
      file: 'src/http/access/roles.ts',
      find: "if (route.role === 'anyone') return",
      replace: 'if (true) return',
    },
  ],
  async run({ attacker, victim, url }) {
    const [own, other] = [await tokenIn(attacker), await tokenIn(victim)]
    const [, launch = ''] = own.split('.')
    const [, others = ''] = other.split('.')
    const control = await runInside(attacker, ask, asInstance(own, launch).slice(2, 3))
    if (control[0] !== 200) throw new Error(`its own tool call is answered with ${control[0]}`)

    const bearer = { authorization: `Bearer ${own}` }
    const routes = (await operatorRoutes()).map(
      ({ method, path }): Request => ({
        ...{ method, path, headers: method === 'POST' ? { ...bearer, ...json } : bearer },
        ...(method === 'POST' ? { body: JSON.stringify(sampleBody) } : {}),
      }),
    )
    const forged = own.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    const later = own.replace(/\.\d+\./, `.${Number(launch) + 1}.`)
    const olderHook = asInstance(own, String(Number(launch) + 1)).slice(0, 2)
    const requests = [
      ...routes,
      ...asInstance(other, others),
      ...asInstance(forged, launch),
      ...asInstance(later, launch),
      ...olderHook,
    ]
    const statuses = await runInside(attacker, ask, requests)
    // The token may have leaked to somewhere that reaches the operator's port.
    const open = new Set([
      ...['GET /livez', 'GET /readyz', 'GET /health', 'GET /version', 'POST /api/v1/sessions'],
    ])
    const protectedRoutes = routes.filter(({ method, path }) => !open.has(`${method} ${path}`))
    const answers = await Promise.all(protectedRoutes.map((each) => rawRequest(url, each)))
    const named = ({ method, path }: Request) => `${method} ${path}`
    return [
      ...requests.flatMap((each, index) => {
        const status = statuses[index] ?? 0
        const isRefused = [401, 403, 404, 409].includes(status)
        return isRefused ? [] : [`${status} for ${named(each)} over its socket`]
      }),
      ...answers.flatMap(({ status }, index) => {
        const asked = protectedRoutes[index]
        const isRefused = [401, 403].includes(status)
        return asked === undefined || isRefused ? [] : [`${status} for ${named(asked)} as operator`]
      }),
    ]
  },
}
