import { describe, expect, it } from 'vitest'
import { type MessagesRequest, messagesRequest } from '../model/wire.ts'
import { makeSample } from '../scenarios/sample.ts'
import { scenarios } from '../scenarios/scenarios.ts'
import { answerAs } from './answer-as.ts'
import { withBarrier } from './barrier.ts'
import { workerTools } from './conversation-harness.ts'

const { script } = makeSample(scenarios.conflict, 9, 3)
const [first, second] = script.tasks.map(({ id }) => id)
const alone = script.tasks.at(-1)?.id

const briefed = (task: string | undefined): MessagesRequest =>
  messagesRequest.parse({
    model: 'm',
    messages: [
      { role: 'user', content: '[orchestrator p1] task' },
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 'a', name: 'mcp__orchestrator__brief', input: {} }],
      },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'a', content: `Task: ${task}\nKind: new\n` }],
      },
    ],
    tools: workerTools.map((name) => ({ name })),
  })

describe('a barrier', () => {
  it('holds a worker back until the task that it collides with has begun', async () => {
    const act = withBarrier(script, (request) => answerAs(script, request))
    const order: string[] = []
    const held = act(briefed(first), new AbortController().signal).then(() => order.push('first'))
    await act(briefed(alone), new AbortController().signal).then(() => order.push('alone'))
    expect(order).toEqual(['alone'])
    await Promise.all([held, act(briefed(second), new AbortController().signal)])
    expect(order).toEqual(['alone', 'first'])
  })

  it('lets go of an instance that went away', async () => {
    const gone = new AbortController()
    const held = withBarrier(script, (request) => answerAs(script, request))(
      briefed(first),
      gone.signal,
    )
    gone.abort()
    await expect(held).resolves.toMatchObject({ role: 'worker' })
  })
})
