import type { FastifyInstance } from 'fastify'
import { CredentialId, InstanceId } from '../../core/model/ids.ts'
import type { Dispatcher } from '../../engine/dispatch/dispatcher.ts'
import { routes } from '../contract/routes.ts'
import { serve, settle } from './serve.ts'
import { viewCredential } from './views/credential.ts'

/** The pool, and what a human may do to it. */
export function credentialRoutes(
  app: FastifyInstance,
  { dispatcher }: { readonly dispatcher: Dispatcher },
): void {
  serve(app, routes.credentials, () => ({
    credentials: [...dispatcher.state.credentials.values()].map(viewCredential),
  }))
  serve(app, routes.disableCredential, ({ params, body }) => {
    const credential = CredentialId(params.id)
    return settle(dispatcher, { type: 'credential-disabled', credential, ...body })
  })
  serve(app, routes.enableCredential, ({ params }) =>
    settle(dispatcher, { type: 'credential-enabled', credential: CredentialId(params.id) }),
  )
  serve(app, routes.forgetCooldown, ({ params }) =>
    settle(dispatcher, { type: 'cooldown-forgotten', credential: CredentialId(params.id) }),
  )
  serve(app, routes.allowCredentials, ({ params }) =>
    settle(dispatcher, { type: 'credentials-allowed', instance: InstanceId(params.id) }),
  )
  serve(app, routes.moveInstance, ({ params, body }) => {
    const credential = body.credential === null ? null : CredentialId(body.credential)
    const instance = InstanceId(params.id)
    return settle(dispatcher, { type: 'instance-moved', instance, credential })
  })
}
