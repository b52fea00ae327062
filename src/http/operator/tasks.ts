import type { FastifyInstance } from 'fastify'
import { LineId, TaskId } from '../../core/model/ids.ts'
import type { Dispatcher } from '../../engine/dispatch/dispatcher.ts'
import { refuse } from '../../lib/refuse.ts'
import { routes } from '../contract/routes.ts'
import { serve, settle } from './serve.ts'

export interface TaskDeps {
  readonly dispatcher: Dispatcher
  /** What a task's work changes in protected paths; null when it waits for no answer about that. */
  readonly protectedChanges: (task: TaskId) => Promise<string | null>
}

/** What a human may do to the run, the plan and its tasks. */
export function taskRoutes(app: FastifyInstance, { dispatcher, protectedChanges }: TaskDeps): void {
  const by = 'operator'
  serve(app, routes.answerRewrite, ({ params, body }) =>
    settle(dispatcher, { type: 'rewrite-answered', line: LineId(params.line), ...body }),
  )
  serve(app, routes.answerChecks, ({ params, body }) =>
    settle(dispatcher, { type: 'checks-answered', line: LineId(params.line), ...body }),
  )
  serve(app, routes.acceptRun, () => settle(dispatcher, { type: 'run-accepted' }))
  serve(app, routes.approvePlan, () => settle(dispatcher, { type: 'plan-approved' }))
  serve(app, routes.completePlan, () => settle(dispatcher, { type: 'plan-completed' }))
  serve(app, routes.answerTask, ({ params, body }) =>
    settle(dispatcher, { type: 'task-answered', task: TaskId(params.task), by, ...body }),
  )
  serve(app, routes.protectedChanges, async ({ params }) => {
    const text = await protectedChanges(TaskId(params.task))
    if (text !== null) return text
    throw refuse(404, `task ${params.task} does not wait for an answer about protected paths`)
  })
  serve(app, routes.answerProtected, ({ params, body }) =>
    settle(dispatcher, { type: 'protected-answered', task: TaskId(params.task), ...body }),
  )
  serve(app, routes.cancelTask, ({ params, body }) =>
    settle(dispatcher, { type: 'task-cancelled', task: TaskId(params.task), by, ...body }),
  )
}
