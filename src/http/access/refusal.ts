import type { FastifyError, FastifyInstance } from 'fastify'
import { ZodError, z } from 'zod'
import { reasonOf } from '../../lib/reason.ts'
import { Unavailable } from '../../ports/store-unavailable.ts'

const cannotWrite =
  'nothing can be written down at the moment, so nothing is taken; come again in a minute'

/** An error that carries its HTTP status; its message is meant for the caller. */
export function refuse(statusCode: number, message: string): Error & { statusCode: number } {
  return Object.assign(new Error(message), { statusCode })
}

/** Refusals and unreadable bodies keep their text; what is our own fault is logged and not told. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    if (error instanceof ZodError) return reply.code(400).send({ error: z.prettifyError(error) })
    // Whoever asked keeps what it said and comes again; why it has to is told once, by whoever watches the store.
    if (error instanceof Unavailable)
      return reply
        .code(503)
        .header('retry-after', 1)
        .send({ error: `${cannotWrite}: ${reasonOf(error)}` })
    const status = error.statusCode ?? 500
    if (status >= 500) request.log.error({ err: error, url: request.url }, 'request failed')
    return reply
      .code(status)
      .send({ error: status >= 500 ? 'the server failed; its log says why' : error.message })
  })
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: `there is no ${request.method} ${request.url.split('?')[0]}` }),
  )
}
