import type { Dispatcher } from '../../engine/dispatch/dispatcher.ts'
import type { WorkerApi } from '../../engine/worker-api.ts'
import type { Reply } from '../../engine/worker-replies.ts'
import type { Workspaces } from '../../ports/workspaces.ts'

export interface ToolDeps {
  readonly dispatcher: Dispatcher
  readonly workerApi: WorkerApi
  readonly workspaces: Pick<Workspaces, 'runTool'>
}

/** A reply as the result of a tool call. */
export function content({ isRefused, text }: Reply) {
  return { content: [{ type: 'text' as const, text }], isError: isRefused }
}
