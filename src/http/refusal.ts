import type { FastifyError, FastifyInstance } from 'fastify'
import { ZodError, z } from 'zod'

/** An error that carries its HTTP status; its message is meant for the caller. */
export function refuse(statusCode: number, message: string): Error & { statusCode: number } {
  return Object.assign(new Error(message), { statusCode })
}

/** Refusals and unreadable bodies keep their text; what is our own fault is logged and not told. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    if (error instanceof ZodError) return reply.code(400).send({ error: z.prettifyError(error) })
    const status = error.statusCode ?? 500
    if (status >= 500) request.log.error({ err: error, url: request.url }, 'request failed')
    return reply.code(status).send({ error: status >= 500 ? 'the server failed; its log says why' : error.message })
  })
  app.setNotFoundHandler((request, reply) => reply.code(404).send({ error: `there is no ${request.method} ${request.url.split('?')[0]}` }))
}
