import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import type { z } from 'zod'
import type { Dispatcher, NewEvent } from '../../engine/dispatch/dispatcher.ts'
import { refuse } from '../../lib/refuse.ts'
import type { Done } from '../contract/refusal.ts'
import type { Route } from '../contract/routes.ts'

/** The parameters of a path: `:task` in it becomes `task`. */
type Params<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? { readonly [name in Name]: string } & Params<Rest>
  : Path extends `${string}:${infer Name}`
    ? { readonly [name in Name]: string }
    : unknown

interface Request<Served extends Route> {
  readonly params: Params<Served['path']>
  readonly body: Served extends { readonly body: infer Body extends z.ZodType }
    ? z.output<Body>
    : null
  readonly query: Served extends { readonly query: infer Query extends z.ZodType }
    ? z.output<Query>
    : null
}

type Answer<Served extends Route> =
  | z.output<Served['reply']>
  | (Served extends { readonly publicReply: infer Reply extends z.ZodType }
      ? z.output<Reply>
      : never)

/** Registers a route of the contract. A body or query that does not fit is refused with 400. */
export function serve<Served extends Route>(
  app: FastifyInstance,
  route: Served,
  answer: (
    request: Request<Served>,
    reply: FastifyReply,
  ) => Answer<Served> | Promise<Answer<Served>>,
  options: Pick<RouteShorthandOptions, 'bodyLimit' | 'onRequest'> = {},
): void {
  const { method, path: url, body, query } = route
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    const parsed = {
      params: request.params,
      body: body === undefined ? null : body.parse(request.body),
      query: query === undefined ? null : query.parse(request.query),
    } as Request<Served> // the path names the parameters, and the body has just been parsed
    const value = await answer(parsed, reply)
    if (route.media === 'none') return reply.code(204).send()
    // A refusal is JSON on every route.
    if (route.media === 'text' && !reply.hasHeader('content-type')) reply.type('text/plain')
    return reply.send(value)
  }
  app.route({ ...options, method, url, handler })
}

/**
 * Dispatches an event of the operator; an event that changes nothing is refused with 409 and its
 * reason.
 */
export function settle(dispatcher: Dispatcher, event: NewEvent): Done {
  const { ignored } = dispatcher.dispatch(event)
  if (ignored !== null) throw refuse(409, ignored)
  return { ok: true }
}
