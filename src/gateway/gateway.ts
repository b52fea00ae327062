import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { Admission, type Permit } from './admission.ts'
import { type Body, readBody } from './body.ts'
import { deliver, deliverRefusal } from './delivery.ts'
import type { Caller, GatewayDeps } from './deps.ts'
import { exitIn } from './exits.ts'
import { type Answer, sendWithFailover } from './failover.ts'
import { gatewayLimits } from './limits.ts'
import { meterFor } from './meter.ts'
import { refuse } from '../lib/refuse.ts'
import { readRequest } from './request-body.ts'
import { createTransport } from './transport.ts'

/** The model's API for instances, which present the token of their launch, not a credential. */
export function createGateway(deps: GatewayDeps, limits = gatewayLimits): FastifyPluginAsync {
  return async (app) => {
    const transport = createTransport(limits, deps.outbound)
    app.addHook('onClose', async () => transport[Symbol.dispose]())
    const admission = new Admission(limits)
    // `readBody` reads the bodies, in a form that can be sent again.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _payload, done) => done(null))
    app.setErrorHandler<FastifyError>(answerError)

    // A probe of reachability: the answer is empty, so it needs no token.
    for (const path of ['', '/']) app.head(path, () => '')
    app.post('/v1/messages', (request, reply) => serve('/v1/messages', request, reply))
    app.post('/v1/messages/count_tokens', (request, reply) =>
      serve('/v1/messages/count_tokens', request, reply),
    )
    app.get('/v1/models', { exposeHeadRoute: false }, (request, reply) =>
      serve('/v1/models', request, reply),
    )
    app.all('/*', ({ method, url }) => {
      throw refuse(404, `the gateway does not pass on ${method} ${url.split('?')[0]}`)
    })

    async function serve(
      path: string,
      request: FastifyRequest,
      reply: FastifyReply,
    ): Promise<void> {
      const { token, caller } = callerOf(request, deps)
      using permit = admission.enter(caller.instance)
      const answer = await answerTo(path, { token, caller }, request, closingOf(reply), permit)
      reply.hijack()
      if (answer.name === 'refused') return deliverRefusal(answer.refusal, reply.raw, answer.secret)
      const meter = path === '/v1/messages' ? meterFor(answer.response.headers) : null
      try {
        await deliver(answer.response, reply.raw, answer.secret, meter)
      } catch (cause) {
        // A status that Node reads and does not write, for one.
        answer.response.destroy()
        reply.raw.destroy()
        request.log.debug({ instance: caller.instance, cause }, 'an answer ended early')
      }
      const usage = meter?.usage() ?? null
      if (usage !== null) deps.onUsage({ ...caller, credential: answer.credential, usage })
    }

    /** Apart from `serve`, so that the body can be freed while the answer streams. */
    async function answerTo(
      path: string,
      who: Identified,
      request: FastifyRequest,
      signal: AbortSignal,
      permit: Permit,
    ): Promise<Answer> {
      const { headers, raw } = request
      const method = request.method === 'POST' ? 'POST' : 'GET'
      const read = method === 'POST' ? await readBody(raw, limits.bodyBytes, permit.hold) : null
      if (read !== null) await permit.turn()
      const body = read === null ? null : admitted(read, who.caller, deps)
      const asked = {
        ...who,
        method,
        path,
        search: searchOf(request),
        headers,
        body,
        signal,
      } as const
      const answer = await sendWithFailover(asked, { deps, limits, transport })
      permit.release()
      return answer
    }
  }
}

/**
 * The body as it is sent. Throws 400, which Claude Code does not repeat, for what must not pass.
 */
function admitted(
  body: Body,
  caller: Caller,
  { objectionTo, sealed }: Pick<GatewayDeps, 'objectionTo' | 'sealed'>,
): Body {
  if (objectionTo === null && !sealed) return body
  const { model, request, body: sent } = readRequest(body)
  const objection = objectionTo?.(caller, model) ?? null
  if (objection !== null) throw refuse(400, `the gateway does not pass this on: ${objection}`)
  const exit = sealed ? exitIn(request) : null
  if (exit !== null)
    throw refuse(400, `the gateway does not pass this on: instances have no network (${exit})`)
  return sent
}

interface Identified {
  readonly token: string
  readonly caller: Caller
}

function callerOf({ headers }: FastifyRequest, { identify }: GatewayDeps): Identified {
  const key = headers['x-api-key']
  const token =
    /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ??
    (typeof key === 'string' ? key : null)
  const caller = token === null ? null : identify(token)
  if (token === null || caller === null)
    throw refuse(401, 'the gateway needs the token of a launch')
  if (caller === 'older-launch') throw refuse(409, 'this launch is over')
  return { token, caller }
}

const searchOf = ({ url }: FastifyRequest): string => /\?.*$/.exec(url)?.[0] ?? ''

function closingOf({ raw }: FastifyReply): AbortSignal {
  const closing = new AbortController()
  raw.once('close', () => closing.abort())
  return closing.signal
}

const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
}

/** In the API's own shape. A 503 is temporary, so it asks for a retry. */
function answerError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const status = error.statusCode ?? 500
  if (status >= 500 && !request.raw.socket.destroyed)
    request.log.warn({ err: error }, 'the gateway could not serve a request')
  if (status === 503) reply.header('retry-after', '2')
  // The rest of a refused body is not read.
  if (!request.raw.complete) reply.header('connection', 'close')
  const message =
    status === 500 ? 'the gateway failed; the log of the server says why' : error.message
  return reply
    .code(status)
    .send({ type: 'error', error: { type: errorTypes[status] ?? 'api_error', message } })
}
