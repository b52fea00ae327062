import { describe, expect, it } from 'vitest'
import { canBeContinued, conversationsOf } from './conversation.ts'

describe('a conversation', () => {
  it('is kept under the path of its directory', () => {
    expect(conversationsOf('/srv/my project/worker-1_a')).toBe(
      'projects/-srv-my-project-worker-1-a',
    )
  })

  it('can be continued once it has a message', () => {
    expect(
      canBeContinued(
        '{"type":"mode","mode":"normal"}\n{"type":"user","isSidechain":false,"message":{}}\n' +
          '{"type":"assist',
      ),
    ).toBe(true)
  })

  it.each([
    '',
    '{"type":"mode","mode":"normal"}\n{"type":"permission-mode"}\n',
    '{"type":"user","isSidechain":true}',
    '{"type":"us',
  ])('cannot be continued without a message: %j', (beginning) => {
    expect(canBeContinued(beginning)).toBe(false)
  })
})
