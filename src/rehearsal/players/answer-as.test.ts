import { describe, expect, it } from 'vitest'
import { messagesRequest } from '../model/wire.ts'
import { makeSample } from '../scenarios/sample.ts'
import { scenarios } from '../scenarios/scenarios.ts'
import { answerAs } from './answer-as.ts'
import { managerTools, workerTools } from './conversation-harness.ts'
import { delegatedWork } from './work.ts'

const { script } = makeSample(scenarios.plain, 3, 2)

const request = (tools: readonly string[], text: string) =>
  messagesRequest.parse({
    model: 'm',
    messages: [{ role: 'user', content: text }],
    tools: tools.map((name) => ({ name })),
  })

describe('the players', () => {
  it('takes the role that the offered tools belong to', () => {
    expect(answerAs(script, request(managerTools, '[orchestrator p1] x'))).toMatchObject({
      role: 'manager',
      prompt: 'p1',
    })
    expect(answerAs(script, request(workerTools, '[orchestrator p4] x'))).toMatchObject({
      role: 'worker',
      prompt: 'p4',
    })
    expect(answerAs(script, request(['Bash'], 'x'))).toMatchObject({
      role: 'bystander',
      complaint: null,
    })
  })

  it('complains of a prompt that came before the tools', () => {
    const { complaint } = answerAs(script, request(['Bash'], '[orchestrator p1] x'))
    expect(complaint).toBe('The prompt p1 reached me before the tools that it needs.')
  })

  it('knows a subagent by the work that was given to it, not by its tools', () => {
    expect(answerAs(script, request(workerTools, delegatedWork))).toMatchObject({
      role: 'subagent',
      complaint: null,
    })
  })

  it('takes no prompt from a reminder or from the middle of a line', () => {
    const hidden =
      '<system-reminder>\n[orchestrator p9] not said by anyone\n</system-reminder>\nsee [orchestrator p8]'
    expect(answerAs(script, request(workerTools, hidden)).prompt).toBeNull()
  })

  it('says the same when it is asked the same', () => {
    const asked = request(managerTools, '[orchestrator p1] plan')
    expect(answerAs(script, asked)).toEqual(answerAs(script, asked))
  })
})
