import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { PlannedTask } from '../../core/model/plan.ts'
import { TaskId } from '../../core/model/ids.ts'
import { managerReport } from '../../core/text/manager-report.ts'
import type { NewEvent } from '../../engine/dispatch/dispatcher.ts'
import { plainText } from '../../lib/plain-text.ts'
import type { Identity } from '../access/identity.ts'
import { content, type ToolDeps } from './tool-deps.ts'
import { toolText } from './tool-text.ts'

const replacedPaths = z
  .array(toolText(4_096))
  .max(500)
  .default([])
  .describe(
    'Paths, or directories that end in a slash, in which the task is meant to undo what other ' +
      'tasks or people changed. In all other paths such a report is refused.',
  )

const plan = z.object({
  tasks: z
    .array(
      z.object({
        id: z
          .string()
          .describe('1 to 48 characters of a-z, 0-9 and -. It names the branch and the list item.'),
        title: z.string().overwrite(plainText).max(200),
        body: z
          .string()
          .overwrite(plainText)
          .max(20_000)
          .default('')
          .describe('Markdown: what to build, and how it is accepted.'),
        depends_on: z
          .array(z.string())
          .max(500)
          .default([])
          .describe('Ids of tasks that must be merged first.'),
        worker: z
          .number()
          .int()
          .nullable()
          .default(null)
          .describe(
            'The number of the worker whose list it belongs on; null lets the server choose.',
          ),
        replaces: replacedPaths,
      }),
    )
    .max(500),
  complete: z
    .boolean()
    .describe('True when the plan covers everything that PROJECT_DIRECTION.md asks for.'),
})

export function managerTools(
  server: McpServer,
  caller: Identity,
  { dispatcher, workspaces }: ToolDeps,
): void {
  const settle = (event: NewEvent, accepted: string) => {
    const { ignored } = dispatcher.dispatch(event)
    return content({ isRefused: ignored !== null, text: ignored ?? accepted })
  }
  server.registerTool(
    'state',
    {
      description:
        'Updates your copy of the repository. ' +
        'Returns the tasks with their phases, and what needs you.',
      inputSchema: z.object({
        page: z
          .number()
          .int()
          .min(1)
          .default(1)
          .describe('Of a long plan, page 1 has the tasks that are not over.'),
      }),
    },
    async ({ page }) => {
      const refresh = await workspaces.runTool(caller.instance, ['workspace', 'refresh'])
      const stale =
        refresh.exitCode === 0
          ? ''
          : `Your copy of the repository could not be updated:\n${refresh.stderr}\n\n`
      return content({
        isRefused: false,
        text: `${stale}${managerReport(dispatcher.state, page)}`,
      })
    },
  )
  server.registerTool(
    'submit_plan',
    {
      description:
        'Adds tasks to the plan. ' +
        'A task with a known id replaces that task if it has not been started; ' +
        'one that is planned as it is already changes nothing.',
      inputSchema: plan,
    },
    ({ tasks, complete }) =>
      settle(
        { type: 'plan-submitted', ...caller, tasks: tasks.map(asPlanned), isComplete: complete },
        'The plan is accepted. Stop now.',
      ),
  )
  server.registerTool(
    'answer',
    {
      description:
        'Answers the question of a blocked task and queues the task again, ' +
        'for its worker or another one.',
      inputSchema: z.object({
        task: z.string(),
        answer: toolText(8_000),
        worker: z.number().int().nullable().default(null),
        replaces: replacedPaths,
      }),
    },
    ({ task, answer, worker, replaces }) =>
      settle(
        { type: 'task-answered', task: TaskId(task), answer, worker, replaces, by: 'manager' },
        `Task ${task} is queued again.`,
      ),
  )
  server.registerTool(
    'cancel_task',
    {
      description:
        'Removes a task from the plan, ' +
        'together with the tasks that depend on it and were not started; the answer names them. ' +
        'A task that you cancelled can be submitted again.',
      inputSchema: z.object({ task: z.string(), reason: toolText(1_000) }),
    },
    ({ task, reason }) => {
      const event = { type: 'task-cancelled', task: TaskId(task), reason, by: 'manager' } as const
      const { ignored, transitions } = dispatcher.dispatch(event)
      const cancelled = transitions.flatMap(({ noun, id, to }) =>
        noun === 'task' && to === 'cancelled' && id !== task ? [id] : [],
      )
      return content({
        isRefused: ignored !== null,
        text: ignored ?? describeCancellation(task, cancelled),
      })
    },
  )
  server.registerTool(
    'finish',
    {
      description:
        'Ends the run with your report: what was produced, what was left out, and what a human ' +
        'should look at.',
      inputSchema: z.object({ report: toolText(50_000) }),
    },
    ({ report }) =>
      settle({ type: 'run-finished', ...caller, report }, 'The run is finished. Stop now.'),
  )
}

function describeCancellation(task: string, others: readonly string[]): string {
  const own = `Task ${task} is cancelled.`
  if (others.length === 0) return own
  return (
    `${own} So are the tasks that depend on it: ${others.join(', ')}. ` +
    'To keep one of them, submit it again without that dependency.'
  )
}

function asPlanned({
  id,
  title,
  body,
  depends_on,
  worker,
  replaces,
}: z.infer<typeof plan>['tasks'][number]): PlannedTask {
  return {
    id: TaskId(id),
    line: null,
    title: title.trim(),
    body: body.trim(),
    dependsOn: depends_on.map(TaskId),
    worker,
    replaces,
  }
}
