import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify'
import { ZodError, z } from 'zod'
import { reasonOf } from '../../lib/reason.ts'
import { refuse } from '../../lib/refuse.ts'
import { Unavailable } from '../../ports/store-unavailable.ts'
import type { refusal } from '../contract/refusal.ts'

type Refusal = z.infer<typeof refusal>

const cannotWrite = 'the database cannot be written, so the request was not accepted; retry later'

/** Answers errors as a `Refusal`. The cause of a 500 goes into the log and not to the caller. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const send = (status: number, message: string) =>
      reply.code(status).send({ error: message } satisfies Refusal)
    if (error instanceof ZodError) return send(400, z.prettifyError(error))
    // Not logged per request: the write outage is logged once, where it is detected.
    if (error instanceof Unavailable) {
      reply.header('retry-after', 1)
      return send(503, `${cannotWrite}: ${reasonOf(error)}`)
    }
    const status = error.statusCode ?? 500
    if (status < 500) return send(status, error.message)
    request.log.error({ err: error, url: request.url }, 'request failed')
    return send(status, 'the server failed; its log has the cause')
  })
  const missing = ({ method, url }: FastifyRequest) => `there is no ${method} ${url.split('?')[0]}`
  // Before the body is read, which needs no token there.
  app.addHook('onRequest', async (request) => {
    if (request.is404) throw refuse(404, missing(request))
  })
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: missing(request) } satisfies Refusal),
  )
}
