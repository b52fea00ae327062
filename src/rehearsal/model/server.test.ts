import { afterEach, describe, expect, it } from 'vitest'
import type { Fault } from './fault.ts'
import { type Line, type Model, startModel } from './server.ts'
import { windowHeaders } from './windows.ts'

const line: Line = {
  answer: {
    blocks: [
      {
        type: 'text',
        text: 'I shall write “naïve” code, 🙂 included, in a sentence that is longer than one piece.',
      },
      { type: 'tool_use', name: 'Write', input: { file_path: '/a', content: 'x\n"y"' } },
    ],
  },
  role: 'worker',
  prompt: 'p1',
  complaint: null,
}

let model: Model | undefined
afterEach(() => model?.[Symbol.asyncDispose]())

async function start(
  faultFor?: (credential: string, count: number) => Fault | null,
): Promise<Model> {
  model = await startModel({
    host: '127.0.0.1',
    act: () => line,
    ...(faultFor ? { faultFor } : {}),
  })
  return model
}

interface Asking {
  readonly stream?: boolean
  readonly headers?: Readonly<Record<string, string>>
}

const ask = (
  url: string,
  { stream = true, headers = { authorization: 'Bearer rehearsal-1' } }: Asking = {},
) =>
  fetch(`${url}/v1/messages?beta=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({
      model: 'claude-test',
      max_tokens: 9,
      stream,
      messages: [{ role: 'user', content: 'hello' }],
    }),
    signal: AbortSignal.timeout(3_000),
  })

const eventsIn = (text: string) =>
  text
    .trimEnd()
    .split('\n\n')
    .map((frame) => JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? 'null') as SentEvent)

interface SentEvent {
  readonly type: string
  readonly delta?: {
    readonly text?: string
    readonly partial_json?: string
    readonly stop_reason?: string
  }
}

describe('the model', () => {
  it('streams an answer in the order of the real service', async () => {
    const { url } = await start()
    const events = eventsIn(await (await ask(url)).text())
    const order = events
      .map(({ type }) => type)
      .filter((type, index, all) => type !== all[index - 1])
    expect(order).toEqual([
      ...[
        'message_start',
        'content_block_start',
        'ping',
        'content_block_delta',
        'content_block_stop',
      ],
      ...[
        'content_block_start',
        'content_block_delta',
        'content_block_stop',
        'message_delta',
        'message_stop',
      ],
    ])
    const deltas = events.flatMap(({ delta }) => (delta === undefined ? [] : [delta]))
    expect(deltas.map((delta) => delta.text ?? '').join('')).toBe(
      (line.answer.blocks[0] as { text: string }).text,
    )
    expect(JSON.parse(deltas.map((delta) => delta.partial_json ?? '').join(''))).toEqual({
      file_path: '/a',
      content: 'x\n"y"',
    })
    expect(deltas.at(-1)).toMatchObject({ stop_reason: 'tool_use' })
  })

  it('answers in one piece when no stream is wanted, with ids that differ', async () => {
    const { url } = await start()
    const [one, two] = await Promise.all(
      [0, 1].map(async () => (await ask(url, { stream: false })).json() as Promise<{ id: string }>),
    )
    expect(one).toMatchObject({
      type: 'message',
      role: 'assistant',
      stop_reason: 'tool_use',
      content: [{ type: 'text' }, { name: 'Write' }],
    })
    expect(one?.id).not.toBe(two?.id)
  })

  it('counts tokens and answers a probe', async () => {
    const { url } = await start()
    const counted = await fetch(`${url}/v1/messages/count_tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"messages":[]}',
    })
    expect(await counted.json()).toEqual({ input_tokens: 4 })
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200)
  })

  it('remembers who asked with which credential', async () => {
    const { url, requests } = await start()
    const before = Date.now()
    await ask(url)
    await ask(url, { headers: { 'x-api-key': 'rehearsal-2' } })
    const same = { role: 'worker', prompt: 'p1', complaint: null, answered: 'message', results: [] }
    expect(requests).toMatchObject([
      { credential: 'rehearsal-1', ...same },
      { credential: 'rehearsal-2', ...same },
    ])
    expect(requests.every(({ at }) => at >= before && at <= Date.now())).toBe(true)
  })

  it('refuses the requests that it has a fault for, and no others', async () => {
    const { url } = await start((credential, count) =>
      credential === 'rehearsal-1' && count === 2 ? { type: 'overloaded' } : null,
    )
    const statuses = []
    for (const credential of [
      'rehearsal-1',
      'rehearsal-2',
      'rehearsal-2',
      'rehearsal-1',
      'rehearsal-1',
    ]) {
      statuses.push((await ask(url, { headers: { authorization: `Bearer ${credential}` } })).status)
    }
    expect(statuses).toEqual([200, 200, 200, 529, 200])
  })

  it('names the window and the reset of a limit in the headers', async () => {
    const { url } = await start(() => ({
      type: 'limit',
      window: 'five_hour',
      resetsAt: Date.now() + 3_600_000,
    }))
    const { status, headers } = await ask(url)
    expect(status).toBe(429)
    expect(headers.get('anthropic-ratelimit-unified-representative-claim')).toBe('five_hour')
    expect(Number(headers.get('anthropic-ratelimit-unified-reset')) * 1_000).toBeGreaterThan(
      Date.now(),
    )
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(3_590)
  })

  it.each([true, false])(
    'says beside an answer how far a window is used, streamed %s',
    async (stream) => {
      model = await startModel({
        host: '127.0.0.1',
        act: () => line,
        headersFor: () => windowHeaders(0.95, Date.now() + 60_000),
      })
      const { status, headers } = await ask(model.url, { stream })
      expect(status).toBe(200)
      expect(headers.get('anthropic-ratelimit-unified-5h-utilization')).toBe('0.95')
      expect(headers.get('anthropic-ratelimit-unified-status')).toBe('allowed_warning')
    },
  )

  it.each([
    ['throttled', 429, 'rate_limit_error'],
    ['internal', 500, 'api_error'],
    ['unauthorized', 401, 'authentication_error'],
    ['forbidden', 403, 'permission_error'],
    ['revoked', 403, 'permission_error'],
    ['spent', 400, 'invalid_request_error'],
  ] as const)('refuses as %s with %i', async (type, status, kind) => {
    const { url } = await start(() => ({ type }))
    const response = await ask(url)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: kind } })
  })

  it('cuts a stream in the middle', async () => {
    const { url } = await start(() => ({ type: 'cut' }))
    const response = await ask(url)
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow('terminated')
  })

  it('leaves a request hanging until it is closed', async () => {
    const hanging = await start((credential) =>
      credential === 'rehearsal-1' ? { type: 'hang' } : null,
    )
    const asked = ask(hanging.url).then(
      () => 'answered',
      () => 'dropped',
    )
    const other = ask(hanging.url, { headers: { 'x-api-key': 'rehearsal-2' } }).then(
      () => 'the other one is answered',
    )
    expect(await Promise.race([asked, other])).toBe('the other one is answered')
    await hanging[Symbol.asyncDispose]()
    expect(await asked).toBe('dropped')
  })

  it('drops a hanging request when its time is over', async () => {
    const { url } = await start(() => ({ type: 'hang', ms: 30 }))
    await expect(ask(url)).rejects.toThrow('fetch failed')
  })
})
