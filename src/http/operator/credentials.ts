import type { FastifyInstance } from 'fastify'
import { CredentialId, InstanceId } from '../../core/model/ids.ts'
import type { Dispatcher } from '../../engine/dispatch/dispatcher.ts'
import { routes } from '../contract/routes.ts'
import { serve, settle } from './serve.ts'
import { viewCredential } from './views/credential.ts'
import type { CurlOf } from './views/curl.ts'

export interface CredentialDeps {
  readonly dispatcher: Dispatcher
  /** Writes the command lines of remedies. */
  readonly curl: CurlOf
}

/** The pool, and what a human may do to it. */
export function credentialRoutes(app: FastifyInstance, { dispatcher, curl }: CredentialDeps): void {
  serve(app, routes.credentials, () => ({
    credentials: [...dispatcher.state.credentials.values()].map((each) =>
      viewCredential(each, curl),
    ),
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
