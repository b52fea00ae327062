import type { FastifyInstance } from 'fastify'
import { type Access, roleOf } from '../access/caller.ts'
import { routes } from '../contract/routes.ts'
import type { StatusQuery, StatusView } from '../contract/status.ts'
import { serve } from './serve.ts'
import { publicPart } from './views/public-status.ts'

export interface StatusDeps {
  readonly status: (query?: StatusQuery) => StatusView
}

/** The state of the run; without a token what every user of this machine may read of it. */
export function statusRoutes(app: FastifyInstance, { status }: StatusDeps, access: Access): void {
  for (const route of [routes.rootStatus, routes.status])
    serve(app, route, ({ query }, reply) =>
      roleOf(reply.request, access) === null ? publicPart(status()) : status(query),
    )
}
