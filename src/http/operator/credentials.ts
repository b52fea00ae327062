import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { CredentialId, InstanceId } from '../../core/model/ids.ts'
import type { Dispatcher, NewEvent } from '../../engine/dispatch/dispatcher.ts'
import { credentialStatus } from './status.ts'

const disabling = z.strictObject({ reason: z.string().min(1).max(2_000) })
const move = z.strictObject({ credential: z.string().min(1).max(64).nullable() })

interface NamesCredential {
  readonly Params: { readonly id: string }
}

/** The pool, and what a human may do to it. A decision that changed nothing is a 409 with its reason. */
export function credentialRoutes(
  app: FastifyInstance,
  { dispatcher }: { readonly dispatcher: Dispatcher },
): void {
  const settle = (reply: FastifyReply, fact: NewEvent) => {
    const { ignored } = dispatcher.dispatch(fact)
    return ignored === null ? reply.send({ ok: true }) : reply.code(409).send({ error: ignored })
  }
  app.get('/api/v1/credentials', (_request, reply) =>
    reply.send({ credentials: [...dispatcher.state.credentials.values()].map(credentialStatus) }),
  )
  app.post<NamesCredential>('/api/v1/credentials/:id/disable', ({ params, body }, reply) =>
    settle(reply, {
      type: 'credential-disabled',
      credential: CredentialId(params.id),
      ...disabling.parse(body),
    }),
  )
  app.post<NamesCredential>('/api/v1/credentials/:id/enable', ({ params }, reply) =>
    settle(reply, { type: 'credential-enabled', credential: CredentialId(params.id) }),
  )
  app.post<NamesCredential>('/api/v1/credentials/:id/forget-cooldown', ({ params }, reply) =>
    settle(reply, { type: 'cooldown-forgotten', credential: CredentialId(params.id) }),
  )
  app.post<NamesCredential>('/api/v1/instances/:id/move', ({ params, body }, reply) => {
    const { credential } = move.parse(body)
    return settle(reply, {
      type: 'instance-moved',
      instance: InstanceId(params.id),
      credential: credential === null ? null : CredentialId(credential),
    })
  })
}
