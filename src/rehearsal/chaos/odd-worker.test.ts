import { describe, expect, it } from 'vitest'
import type { Line } from '../model/server.ts'
import { ConversationHarness, workerTools } from '../players/conversation-harness.ts'
import { withOddWork } from './odd-worker.ts'
import { OddWork } from './world/odd-work.ts'

const toolLine = (name: string): Line => ({
  answer: { blocks: [{ type: 'tool_use', name, input: {} }] },
  role: 'worker',
  prompt: 'p1',
  complaint: null,
})

/** What the worker calls next, in the conversation about task `a`. */
async function nextTool(oddWork: OddWork, wanted: string): Promise<string> {
  const conversation = new ConversationHarness(
    { tasks: [], report: '' },
    workerTools,
    () => 'Task: a\nKind: new\n',
  )
  conversation.say('[orchestrator p1] Fetch your brief.')
  const act = withOddWork(oddWork, async () => toolLine(wanted))
  const { answer } = await act(conversation.request(), new AbortController().signal)
  const [block] = answer.blocks
  return block?.type === 'tool_use' ? `${block.name} ${String(block.input['command'])}` : ''
}

const report = 'mcp__orchestrator__report_done'

describe('odd work', () => {
  it('comes once, before the report of its task', async () => {
    const oddWork = new OddWork()
    const struckAt = oddWork.arm('a', 'git commit --amend', 60_000)
    expect(await nextTool(oddWork, 'Write')).toBe('Write undefined')
    expect(struckAt()).toBeNull()
    expect(await nextTool(oddWork, report)).toBe('Bash git commit --amend')
    expect(struckAt()).not.toBeNull()
    expect(await nextTool(oddWork, report)).toBe(`${report} undefined`)
  })

  it('of another task, or from too long ago, does not come', async () => {
    const oddWork = new OddWork()
    oddWork.arm('b', 'git commit --amend', 60_000)
    oddWork.arm('a', 'git commit --amend', -1)
    expect(await nextTool(oddWork, report)).toBe(`${report} undefined`)
  })
})
