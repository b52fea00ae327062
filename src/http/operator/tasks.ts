import type { FastifyInstance } from 'fastify'
import { LineId, TaskId } from '../../core/model/ids.ts'
import type { Dispatcher } from '../../engine/dispatch/dispatcher.ts'
import { routes } from '../contract/routes.ts'
import { serve, settle } from './serve.ts'

/** What a human may do to the run, the plan and its tasks. */
export function taskRoutes(
  app: FastifyInstance,
  { dispatcher }: { readonly dispatcher: Dispatcher },
): void {
  const by = 'operator'
  serve(app, routes.answerRewrite, ({ params, body }) =>
    settle(dispatcher, { type: 'rewrite-answered', line: LineId(params.line), ...body }),
  )
  serve(app, routes.acceptRun, () => settle(dispatcher, { type: 'run-accepted' }))
  serve(app, routes.approvePlan, () => settle(dispatcher, { type: 'plan-approved' }))
  serve(app, routes.completePlan, () => settle(dispatcher, { type: 'plan-completed' }))
  serve(app, routes.answerTask, ({ params, body }) =>
    settle(dispatcher, { type: 'task-answered', task: TaskId(params.task), by, ...body }),
  )
  serve(app, routes.cancelTask, ({ params, body }) =>
    settle(dispatcher, { type: 'task-cancelled', task: TaskId(params.task), by, ...body }),
  )
}
