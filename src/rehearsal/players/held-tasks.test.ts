import { describe, expect, it } from 'vitest'
import { messagesRequest } from '../model/wire.ts'
import { makeSample } from '../scenarios/sample.ts'
import { scenarios } from '../scenarios/scenarios.ts'
import { answerAs } from './answer-as.ts'
import { workerTools } from './conversation-harness.ts'
import { HeldTasks } from './held-tasks.ts'

const { script } = makeSample(scenarios['origin-conflict'], 3, 2)
const [free = '', , heldBack = ''] = script.tasks.map(({ id }) => id)

const briefed = (task: string) =>
  messagesRequest.parse({
    model: 'claude-test',
    messages: [
      { role: 'user', content: '[orchestrator p1] Your next task is waiting.' },
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 'toolu_1', name: 'mcp__orchestrator__brief', input: {} }],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'toolu_1',
            is_error: false,
            content: [{ type: 'text', text: `Task: ${task}\nKind: new\nTarget: origin/main\n` }],
          },
        ],
      },
    ],
    tools: workerTools.map((name) => ({ name })),
    stream: true,
  })

describe('a worker of a task that awaits an act', () => {
  const setUp = () => {
    const held = new HeldTasks(script)
    const act = held.through(async (request) => answerAs(script, request))
    const { signal, abort } = endable()
    const ask = (task: string) => act(briefed(task), signal)
    return { held, ask, abort }
  }

  it('goes on when it is released', async () => {
    const { held, ask } = setUp()
    const answer = ask(heldBack)
    expect(held.isWaiting(heldBack)).toBe(true)
    held.release(heldBack)
    expect((await answer).answer.blocks[0]).toMatchObject({ name: 'Write' })
    expect(held.isWaiting(heldBack)).toBe(false)
  })

  it('waits no longer when its request ends', async () => {
    const { held, ask, abort } = setUp()
    const answer = ask(heldBack)
    abort()
    await answer
    expect(held.isWaiting(heldBack)).toBe(false)
  })

  it('does not hold up others', async () => {
    const { held, ask } = setUp()
    expect((await ask(free)).answer.blocks[0]).toMatchObject({ name: 'Write' })
    expect(held.isWaiting(free)).toBe(false)
  })
})

function endable() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}
