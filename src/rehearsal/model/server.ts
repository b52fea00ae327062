import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { type Fault, refusalFor } from './fault.ts'
import { toMessage } from './message.ts'
import { asServerSentEvent, type StreamEvent, streamEvents } from './stream.ts'
import { countTokens } from './tokens.ts'
import { type Answer, type MessagesRequest, messagesRequest, resultsIn } from './wire.ts'

/** Who speaks next and what; all but the answer is for the record. */
export interface Line {
  readonly answer: Answer
  readonly role: string
  readonly prompt: string | null
  /** Why the actor cannot go on, if it cannot. */
  readonly complaint: string | null
}

export interface ModelOptions {
  readonly host: string
  readonly act: (request: MessagesRequest, signal: AbortSignal) => Line | Promise<Line>
  /**
   * Asked before every answer; `count` is the number of the credential's requests with this one.
   */
  readonly faultFor?: (credential: string, count: number, asking: Asking) => Fault | null
  /** What an answer says beside the message. */
  readonly headersFor?: (credential: string) => Readonly<Record<string, string>>
}

export interface Asking {
  readonly role: string
  readonly request: MessagesRequest
}

export interface RecordedRequest {
  readonly credential: string
  readonly role: string
  readonly prompt: string | null
  readonly complaint: string | null
  readonly answered: 'message' | Fault['type']
  /** When the answer left, in milliseconds since the epoch. */
  readonly at: number
  /**
   * The tool calls whose results the conversation holds; their ids are ours and never given twice.
   */
  readonly results: readonly string[]
}

export interface Model extends AsyncDisposable {
  readonly url: string
  /** Every request for a message, oldest first. */
  readonly requests: readonly RecordedRequest[]
  /** Method and URL of everything that was asked, also beside messages. */
  readonly asked: readonly string[]
}

/** A conversation of a long task, with everything it read, stays far below this. */
const bodyLimit = 32 * 1024 * 1024

/**
 * Stands in for the Anthropic Messages API: what Claude Code uses of it, and the ways in which it
 * refuses.
 */
export async function startModel({
  host,
  act,
  faultFor = () => null,
  headersFor = () => ({}),
}: ModelOptions): Promise<Model> {
  const app = fastify({ bodyLimit, forceCloseConnections: true })
  const requests: RecordedRequest[] = []
  const asked: string[] = []
  const counts = new Map<string, number>()
  let serial = 0

  app.addHook('onRequest', async ({ method, url }) => void asked.push(`${method} ${url}`))
  app.head('/', () => '')
  app.post('/v1/messages/count_tokens', ({ body }) => ({ input_tokens: countTokens(body) }))
  app.post('/v1/messages', async (incoming, reply) => {
    const request = messagesRequest.parse(incoming.body)
    const credential = credentialOf(incoming)
    const count = (counts.get(credential) ?? 0) + 1
    counts.set(credential, count)
    const { answer, ...whose } = await act(request, closingOf(reply))
    const fault = faultFor(credential, count, { role: whose.role, request })
    requests.push({
      ...whose,
      credential,
      answered: fault?.type ?? 'message',
      at: Date.now(),
      results: resultsIn(request),
    })
    if (fault?.type === 'hang') return hang(reply, fault.ms)
    if (fault && fault.type !== 'cut') {
      const { status, headers, body } = refusalFor(fault, Date.now())
      return reply.code(status).headers(headers).send(body)
    }
    const message = toMessage(answer, request, (serial += 1))
    const headers = headersFor(credential)
    if (!request.stream) return reply.headers(headers).send(message)
    const events = [...streamEvents(message)]
    return stream(reply, headers, fault ? events.slice(0, Math.ceil(events.length / 2)) : events)
  })

  const url = await app.listen({ host, port: 0 })
  return { url, requests, asked, [Symbol.asyncDispose]: () => app.close() }
}

function hang(reply: FastifyReply, ms: number | undefined): FastifyReply {
  const { raw } = reply.hijack()
  if (ms !== undefined) {
    const timer = setTimeout(() => raw.destroy(), ms)
    raw.once('close', () => clearTimeout(timer))
  }
  return reply
}

function stream(
  reply: FastifyReply,
  headers: Readonly<Record<string, string>>,
  events: readonly StreamEvent[],
): FastifyReply {
  const { raw } = reply.hijack()
  raw.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
  })
  const text = events.map(asServerSentEvent).join('')
  if (events.at(-1)?.type === 'message_stop') raw.end(text)
  else raw.write(text, () => raw.destroy())
  return reply
}

function credentialOf({ headers }: FastifyRequest): string {
  const key = headers['x-api-key']
  return typeof key === 'string' ? key : (headers.authorization ?? '').replace(/^Bearer /, '')
}

/** An instance that dies while an answer is held back must not hold it for ever. */
function closingOf(reply: FastifyReply): AbortSignal {
  const closing = new AbortController()
  reply.raw.once('close', () => closing.abort())
  return closing.signal
}
