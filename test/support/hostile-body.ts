import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import type { InstanceId } from '../../src/core/model/ids.ts'
import { manager, one, two } from './run.ts'

const fixtures = join(import.meta.dirname, '../fixtures/claude')
const readJson = (path: string): unknown => JSON.parse(readFileSync(join(fixtures, path), 'utf8'))

/** Every hook of Claude Code that was recorded. */
export const hooks = readdirSync(join(fixtures, 'hooks')).map((file) => ({
  url: `/hooks/${file.split('.')[0]}`,
  body: readJson(`hooks/${file}`),
}))

const tool = (name: string, args: object) => ({
  url: '/mcp',
  body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } },
})
const question = { model: 'm', messages: [{ role: 'user', content: 'hi' }] }
const tools = [{ name: 'Bash', input_schema: { type: 'object' } }]
const fetcher = [{ type: 'web_fetch_20250910', name: 'web_fetch' }]

const honest: readonly { readonly url: string; readonly body: unknown }[] = [
  ...hooks,
  { url: '/hooks/StatusLine', body: readJson('status-line.json') },
  { url: '/hooks/WorkspaceProgress', body: {} },
  tool('brief', {}),
  tool('report_done', { summary: 'built' }),
  tool('report_no_commit', { reason: 'none needed' }),
  tool('report_blocked', { question: 'Which?' }),
  tool('report_progress', { note: 'half of it' }),
  tool('state', { page: 1 }),
  tool('submit_plan', {
    tasks: [{ id: 'c', title: 'C', body: '', depends_on: ['a'], worker: 1, replaces: ['x/'] }],
    complete: true,
  }),
  tool('answer', { task: 'a', answer: 'This one.' }),
  tool('cancel_task', { task: 'a', reason: 'not wanted' }),
  tool('finish', { report: 'done' }),
  { url: '/otel/v1/logs', body: readJson('telemetry/logs.json') },
  { url: '/otel/v1/metrics', body: {} },
  ...['/gateway/v1/messages', '/gateway/v1/messages/count_tokens'].flatMap((url) => [
    { url, body: { ...question, tools } },
    { url, body: { ...question, tools: fetcher } },
  ]),
]

/** A value that no schema expects: of another type, too large, a key of every object. */
const strange = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    ...[null, -1, 0, 2 ** 53, 1e308, '', ' ', '\0', '\u202e', '\ud800', '__proto__', '../..'],
    ...['NaN', '1e999', 'x'.repeat(20_000), [[[[[]]]]], { __proto__: 1 }, { constructor: {} }],
  ),
)

/** The body with one part after the other replaced or left out. */
const mutated = (body: unknown): fc.Arbitrary<unknown> =>
  fc
    .array(fc.record({ at: fc.nat(200), how: fc.constantFrom('put', 'drop'), value: strange }), {
      maxLength: 4,
    })
    .map((changes) => {
      const copy: unknown = structuredClone(body)
      for (const { at, how, value } of changes) {
        const places: { holder: Record<string, unknown>; key: string }[] = []
        const open: unknown[] = [copy]
        for (let each = open.pop(); each !== undefined; each = open.pop()) {
          if (typeof each !== 'object' || each === null) continue
          const holder = each as Record<string, unknown> // an array has keys, too
          for (const key of Object.keys(holder)) {
            places.push({ holder, key })
            open.push(holder[key] ?? null)
          }
        }
        const place = places[at % Math.max(1, places.length)]
        if (place === undefined) continue
        // A copy: what is put twice could be put into itself.
        if (how === 'put') place.holder[place.key] = structuredClone(value)
        else delete place.holder[place.key]
      }
      return copy
    })

/** What JSON can say and `JSON.stringify` never does; some of it is no JSON. */
const numbers = ['-0', '1e999', '-1e999', '1e-999', '9'.repeat(400), '0.1e1', 'NaN', '01', '0x10']
const keys = ['"__proto__":{"a":1}', '"constructor":{"prototype":{}}', '"\\ud800":"\\udc00"']
/** These come before the honest part of the same name, which then counts. */
const doubled = ['"hook_event_name":"Stop"', '"model":"dear"', '"method":"x"', '"source":[]']

/** Any place of the text gets other bytes: broken UTF-8, NUL, marks of other encodings. */
const bytes = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0], [0xef, 0xbb, 0xbf], [0x1b, 0x5b]]

const damaged = (text: string): fc.Arbitrary<Buffer> => {
  const any = <Each>(list: readonly Each[]): fc.Arbitrary<Each> => fc.constantFrom(...list)
  const asText = (arbitrary: fc.Arbitrary<string>) => arbitrary.map((each) => Buffer.from(each))
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(Buffer.from(text)) },
    asText(fc.nat(text.length).map((end) => text.slice(0, end))),
    asText(fc.string().map((more) => text + more)),
    asText(fc.constantFrom(1, 99, 20_000).map((n) => '['.repeat(n) + text + ']'.repeat(n))),
    asText(any([...keys, ...doubled]).map((key) => text.replace('{', `{${key},`))),
    {
      weight: 2,
      arbitrary: asText(any(numbers).map((n) => text.replace(/:(?:\d+|"[^"]*")/, `:${n}`))),
    },
    fc
      .tuple(fc.nat(text.length), any(bytes))
      .map(([at, other]) =>
        Buffer.concat([
          Buffer.from(text.slice(0, at)),
          Buffer.from(other),
          Buffer.from(text.slice(at)),
        ]),
      ),
    any([Buffer.from(text, 'utf16le'), gzipSync(text)]),
  )
}

const often = <Each>(usual: Each, times: number, ...others: readonly Each[]): fc.Arbitrary<Each> =>
  fc.constantFrom(...Array<Each>(times).fill(usual), ...others)

const json = 'application/json'

/** A request of an instance of `openTeam`, from honest to absurd. */
export const hostileBody = fc.constantFrom(...honest).chain(({ url, body }) =>
  fc.record({
    url: fc.constant(url),
    payload: mutated(body).chain((value) => damaged(JSON.stringify(value) ?? '')),
    instance: fc.constantFrom<InstanceId>(one, one, two, manager),
    launch: often('1', 18, '0', 'x', '1e0', ' 1', '-0', 'NaN', '9'.repeat(400)),
    sequence: often('', 18, '-1', '9007199254740993', '1e999', '0x10'),
    type: often(
      ...([json, 60, 'text/plain', `${json}; charset=utf-16`, `${json};;;`, 'x', ''] as const),
      ...['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'],
    ),
    /** Other headers, which say of the body what it is not. */
    more: often<Readonly<Record<string, string>>>(
      {},
      16,
      { 'content-encoding': 'gzip' },
      { 'content-length': '5' },
      { 'x-protocol': '999' },
      { 'x-replay': '1' },
      { 'transfer-encoding': 'chunked' },
    ),
  }),
)

export type HostileBody = typeof hostileBody extends fc.Arbitrary<infer Each> ? Each : never
