import type { FastifyInstance } from 'fastify'
import { InstanceId } from '../../core/model/ids.ts'
import type { Dispatcher } from '../../engine/dispatch/dispatcher.ts'
import { refuse } from '../../lib/refuse.ts'
import { routes } from '../contract/routes.ts'
import { serve, settle } from './serve.ts'

/** Reads an entry of the list of hosts. */
export type ReadHost = (
  text: string,
) =>
  | { readonly ok: true; readonly entry: string }
  | { readonly ok: false; readonly problem: string }

export interface HostDeps {
  readonly dispatcher: Dispatcher
  readonly readHost: ReadHost
}

/** Which hosts a person lets instances without a network reach, and what they may send there. */
export function hostRoutes(app: FastifyInstance, { dispatcher, readHost }: HostDeps): void {
  const entryOf = (text: string): string => {
    const read = readHost(text)
    if (read.ok) return read.entry
    throw refuse(400, `host ${JSON.stringify(text)} ${read.problem}`)
  }
  serve(app, routes.allowHost, ({ body }) =>
    settle(dispatcher, { type: 'host-allowed', host: entryOf(body.host) }),
  )
  serve(app, routes.withdrawHost, ({ body }) =>
    settle(dispatcher, { type: 'host-withdrawn', host: entryOf(body.host) }),
  )
  serve(app, routes.acceptUpload, ({ params, body }) =>
    settle(dispatcher, {
      ...{ type: 'upload-accepted', instance: InstanceId(params.id), host: body.host },
    }),
  )
}
