import { describe, expect, it } from 'vitest'
import type { MessagesRequest } from '../../../src/rehearsal/model/wire.ts'
import { addedBy, sumOf } from './added-tokens.ts'

const asks = (...messages: MessagesRequest['messages']): MessagesRequest => ({
  model: 'm',
  system: 's'.repeat(400),
  tools: [],
  messages,
  stream: true,
})

const prompt = { role: 'user', content: '[orchestrator p7] You have a task.' } as const
const callOf = (name: string) =>
  ({ role: 'assistant', content: [{ type: 'tool_use', id: 'call', name, input: {} }] }) as const
const result = {
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: 'call', content: 'Task: a', is_error: false }],
} as const

/** The schema of requests has lists that may be changed. */
const request = (...messages: readonly unknown[]): MessagesRequest =>
  asks(...(messages as MessagesRequest['messages']))

describe('what orchestration adds to a request', () => {
  it('is the line of the prompt, when one begins a turn', () => {
    const added = addedBy(request(prompt))
    expect(added).toEqual({ requests: 0, cached: 0, fresh: Math.ceil(36 / 4) })
  })

  it('is nothing of a prompt that a person typed', () => {
    const said = { role: 'user', content: 'Build it.' }
    expect(addedBy(request(said))).toEqual({ requests: 0, cached: 0, fresh: 0 })
  })

  it('is the whole request that brings the result of its tool', () => {
    const added = addedBy(request(prompt, callOf('mcp__orchestrator__brief'), result))
    expect(added.requests).toBe(1)
    expect(added.cached).toBeGreaterThan(100)
    expect(added.cached).toBeLessThan(130)
    expect(added.fresh).toBeGreaterThan(30)
    expect(added.fresh).toBeLessThan(70)
  })

  it('is nothing of a request that brings the result of another tool', () => {
    const added = addedBy(request(prompt, callOf('Bash'), result))
    expect(added).toEqual({ requests: 0, cached: 0, fresh: 0 })
  })

  it('adds up', () => {
    const one = { requests: 1, cached: 10, fresh: 3 }
    expect(sumOf([one, one, { requests: 0, cached: 0, fresh: 4 }])).toEqual({
      requests: 2,
      cached: 20,
      fresh: 10,
    })
  })
})
