import type { FastifyInstance } from 'fastify'
import { hasManyParts } from '../../lib/json-parts.ts'
import { refuse } from '../../lib/refuse.ts'

/**
 * A full export of telemetry, the largest legitimate body in parts, has half of it. Without a
 * bound, one body of 4 MiB took 1 GiB and seconds in which nothing else ran: a schema makes an
 * issue of every item that does not fit.
 */
export const mostParts = 100_000

/** Refuses bodies of too many parts before they are parsed, with 400. */
export function boundParts(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer' },
    (request, body, done) => {
      if (hasManyParts(body, mostParts)) done(refuse(400, 'the body has too many parts'))
      else void parse(request, body.toString(), done)
    },
  )
}
