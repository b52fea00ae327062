import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { TaskId } from '../../core/model/ids.ts'
import type { Dispatcher, NewEvent } from '../../engine/dispatch/dispatcher.ts'

const answer = z.strictObject({
  answer: z.string().min(1).max(20_000),
  worker: z.number().int().positive().nullable().default(null),
})
const cancellation = z.strictObject({ reason: z.string().min(1).max(2_000) })

/** What a human may do to a run. A decision that changed nothing is a 409 with its reason. */
export function operatorRoutes(
  app: FastifyInstance,
  { dispatcher }: { readonly dispatcher: Dispatcher },
): void {
  const settle = (reply: FastifyReply, fact: NewEvent) => {
    const { ignored } = dispatcher.dispatch(fact)
    return ignored === null ? reply.send({ ok: true }) : reply.code(409).send({ error: ignored })
  }
  app.post('/api/v1/plan/approve', (_request, reply) => settle(reply, { type: 'plan-approved' }))
  app.post<{ Params: { task: string } }>('/api/v1/tasks/:task/answer', (request, reply) =>
    settle(reply, {
      type: 'task-answered',
      task: TaskId(request.params.task),
      by: 'operator',
      ...answer.parse(request.body),
    }),
  )
  app.post<{ Params: { task: string } }>('/api/v1/tasks/:task/cancel', (request, reply) =>
    settle(reply, {
      type: 'task-cancelled',
      task: TaskId(request.params.task),
      by: 'operator',
      ...cancellation.parse(request.body),
    }),
  )
}
