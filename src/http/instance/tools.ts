import { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { PlannedTask } from '../../core/model/event.ts'
import { TaskId } from '../../core/model/ids.ts'
import { managerReport } from '../../core/text/manager-report.ts'
import type { Role } from '../../core/model/instance.ts'
import type { WorkerApi, Reply } from '../../engine/worker-api.ts'
import type { Dispatcher, NewEvent } from '../../engine/dispatch/dispatcher.ts'
import type { Workspaces } from '../../ports/workspaces.ts'
import type { Identity } from '../access/identity.ts'

export interface ToolDeps {
  readonly dispatcher: Dispatcher
  readonly desk: WorkerApi
  readonly workspaces: Pick<Workspaces, 'runTool'>
  readonly targetBranch: string
}

/** The tools of one caller: what its role may not do is not there. */
export function toolsFor(role: Role, caller: Identity, deps: ToolDeps): McpServer {
  const server = new McpServer({ name: 'orchestrator', version: '1' })
  if (role === 'worker') workerTools(server, caller, deps)
  if (role === 'manager') managerTools(server, caller, deps)
  return server
}

function workerTools(server: McpServer, caller: Identity, { desk }: ToolDeps): void {
  server.registerTool(
    'brief',
    {
      description: 'Prepares your workspace for the task you hold and tells you all about it.',
      inputSchema: z.object({}),
    },
    async () => content(await desk.brief(caller)),
  )
  server.registerTool(
    'report_done',
    {
      description:
        'Reports your task as done: everything must be committed on its branch. Call it once, then stop.',
      inputSchema: z.object({
        summary: z.string().min(1).max(2_000).describe('What you did, in one or two sentences.'),
        replaces: z
          .array(z.string())
          .max(200)
          .default([])
          .describe(
            "Paths in which your merge keeps nothing of the target's changes, on purpose. Leave it out unless a report was refused for it.",
          ),
      }),
    },
    async ({ summary, replaces }) => content(await desk.reportDone(caller, summary, replaces)),
  )
  server.registerTool(
    'report_blocked',
    {
      description:
        'Asks the question without whose answer you cannot go on. Call it once, then stop.',
      inputSchema: z.object({ question: z.string().min(1).max(4_000) }),
    },
    async ({ question }) => content(await desk.reportBlocked(caller, question)),
  )
  server.registerTool(
    'report_progress',
    {
      description: 'Says in a few words how far you are.',
      inputSchema: z.object({ note: z.string().min(1).max(500) }),
    },
    ({ note }) => content(desk.reportProgress(caller, note)),
  )
}

const plan = z.object({
  tasks: z
    .array(
      z.object({
        id: z.string().describe('1 to 48 of a-z, 0-9 and -; names the branch and the list item.'),
        title: z.string().max(200),
        body: z
          .string()
          .max(20_000)
          .default('')
          .describe('Markdown: what to build, how it is accepted.'),
        depends_on: z
          .array(z.string())
          .default([])
          .describe('Ids of tasks that must be merged first.'),
        worker: z
          .number()
          .int()
          .nullable()
          .default(null)
          .describe('Whose list it belongs on; null lets the server choose.'),
      }),
    )
    .max(500),
  complete: z
    .boolean()
    .describe('True when the plan holds everything that PROJECT_DIRECTION.md asks for.'),
})

function managerTools(
  server: McpServer,
  caller: Identity,
  { dispatcher, workspaces, targetBranch }: ToolDeps,
): void {
  const settle = (fact: NewEvent, thanks: string) => {
    const { ignored } = dispatcher.dispatch(fact)
    return content({ isRefused: ignored !== null, text: ignored ?? thanks })
  }
  server.registerTool(
    'state',
    {
      description: 'Brings your copy of the repository up to date and tells how the run stands.',
      inputSchema: z.object({}),
    },
    async () => {
      const refresh = await workspaces.runTool(caller.instance, ['workspace', 'refresh'])
      const stale =
        refresh.exitCode === 0
          ? ''
          : `Your copy of the repository could not be brought up to date:\n${refresh.stderr}\n\n`
      return content({
        isRefused: false,
        text: `${stale}${managerReport(dispatcher.state, targetBranch)}`,
      })
    },
  )
  server.registerTool(
    'submit_plan',
    {
      description:
        'Adds tasks to the plan; one of a known id replaces it while nobody has begun it.',
      inputSchema: plan,
    },
    ({ tasks, complete }) =>
      settle(
        { type: 'plan-submitted', ...caller, tasks: tasks.map(asPlanned), isComplete: complete },
        'The plan is taken. Stop now.',
      ),
  )
  server.registerTool(
    'answer',
    {
      description: 'Answers what blocks a task and queues it again, for its worker or another one.',
      inputSchema: z.object({
        task: z.string(),
        answer: z.string().min(1).max(8_000),
        worker: z.number().int().nullable().default(null),
      }),
    },
    ({ task, answer, worker }) =>
      settle(
        { type: 'task-answered', task: TaskId(task), answer, worker, by: 'manager' },
        `Task ${task} is queued again.`,
      ),
  )
  server.registerTool(
    'cancel_task',
    {
      description:
        'Takes a task out of the plan, and with it those that depend on it and were not begun.',
      inputSchema: z.object({ task: z.string(), reason: z.string().min(1).max(1_000) }),
    },
    ({ task, reason }) =>
      settle(
        { type: 'task-cancelled', task: TaskId(task), reason, by: 'manager' },
        `Task ${task} is cancelled.`,
      ),
  )
  server.registerTool(
    'finish',
    {
      description:
        'Ends the run with your report: what was produced, what was left out, what a human should look at.',
      inputSchema: z.object({ report: z.string().min(1).max(50_000) }),
    },
    ({ report }) =>
      settle({ type: 'run-finished', ...caller, report }, 'The run is finished. Stop now.'),
  )
}

function asPlanned({
  id,
  title,
  body,
  depends_on,
  worker,
}: z.infer<typeof plan>['tasks'][number]): PlannedTask {
  return {
    id: TaskId(id),
    title: title.trim(),
    body: body.trim(),
    dependsOn: depends_on.map(TaskId),
    worker,
  }
}

function content({ isRefused, text }: Reply) {
  return { content: [{ type: 'text' as const, text }], isError: isRefused }
}
