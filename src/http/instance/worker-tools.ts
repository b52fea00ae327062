import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Identity } from '../access/identity.ts'
import { content, type ToolDeps } from './tool-deps.ts'
import { toolText } from './tool-text.ts'

export function workerTools(server: McpServer, caller: Identity, { workerApi }: ToolDeps): void {
  server.registerTool(
    'brief',
    {
      description:
        'Prepares your workspace for the task that you hold and returns its full description.',
      inputSchema: z.object({}),
    },
    async () => content(await workerApi.brief(caller)),
  )
  server.registerTool(
    'report_done',
    {
      description:
        'Reports your task as done. Commit everything on its branch first. ' +
        'Call it once, then stop.',
      inputSchema: z.object({
        summary: toolText(2_000).describe('What you did, in one or two sentences.'),
        // An older version of the tool asked for it.
        replaces: z.unknown().optional(),
      }),
    },
    async ({ summary }) => content(await workerApi.reportDone(caller, summary)),
  )
  server.registerTool(
    'report_no_commit',
    {
      description:
        'Reports your task as done without a commit, because nothing has to change: for example, ' +
        'the target branch has it already. Refused while your workspace has changes or commits. ' +
        'Call it once, then stop.',
      inputSchema: z.object({
        reason: toolText(2_000).describe('Why no commit is needed, for the Manager.'),
      }),
    },
    async ({ reason }) => content(await workerApi.reportNoCommit(caller, reason)),
  )
  server.registerTool(
    'report_blocked',
    {
      description:
        'Asks a question that needs an answer before you can continue. Call it once, then stop.',
      inputSchema: z.object({ question: toolText(4_000) }),
    },
    async ({ question }) => content(await workerApi.reportBlocked(caller, question)),
  )
  server.registerTool(
    'report_progress',
    {
      description: 'Reports in a few words how far you are.',
      inputSchema: z.object({ note: toolText(500) }),
    },
    ({ note }) => content(workerApi.reportProgress(caller, note)),
  )
}
