import type { Line } from '../model/server.ts'
import type { MessagesRequest } from '../model/wire.ts'
import { readConversation } from '../players/conversation.ts'
import { briefedTasks } from '../players/worker.ts'
import type { OddWork } from './world/odd-work.ts'

type Act = (request: MessagesRequest, signal: AbortSignal) => Promise<Line>

const reportTool = 'mcp__orchestrator__report_done'

/** A worker that is about to report does something odd to its branch first, if that is ordered. */
export function withOddWork(oddWork: OddWork, act: Act): Act {
  return async (request, signal) => {
    const line = await act(request, signal)
    const [block] = line.answer.blocks
    if (block?.type !== 'tool_use' || block.name !== reportTool) return line
    const task = briefedTasks(readConversation(request)).at(-1)
    const command = task === undefined ? null : oddWork.before(task)
    if (command === null) return line
    const input = { command, description: 'Tidy the branch up' }
    return { ...line, answer: { blocks: [{ type: 'tool_use', name: 'Bash', input }] } }
  }
}
