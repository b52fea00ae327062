import { describe, expect, it } from 'vitest'
import { manager, one, planned, Run } from '../../../test/support/run.ts'

describe('a prompt', () => {
  it('that is not confirmed in time is repeated; after the last try the instance restarts', () => {
    const run = new Run({ promptTries: 3 }).allUp()
    for (const tries of [2, 3])
      expect(run.later(15_000).asked('send-prompt')).toMatchObject([{ instance: manager, tries }])
    run.later(15_000)
    expect(run.instance(manager).phase.name).toBe('backing-off')
  })

  it('is not confirmed by a prompt of another sender', () => {
    const run = new Run()
      .allUp()
      .when({ type: 'prompt-confirmed', text: 'hello from a human', instance: manager, launch: 1 })
    expect(run.instance(manager).phase.name).toBe('prompted')
  })

  it('that could not be typed is tried again after a pause, longer each time', () => {
    const run = new Run().allUp()
    run.when({
      type: 'prompt-not-sent',
      prompt: 'p1',
      obstacle: 'no terminal',
      isHopeless: false,
      ...run.from(manager),
    })
    expect(run.commands).toEqual([])
    expect(run.later(1_000).asked('send-prompt')).toMatchObject([{ tries: 2 }])
    run.when({
      type: 'prompt-not-sent',
      prompt: 'p1',
      obstacle: 'no terminal',
      isHopeless: false,
      ...run.from(manager),
    })
    expect(run.later(1_000).asked('send-prompt')).toEqual([])
    expect(run.later(1_000).asked('send-prompt')).toMatchObject([{ tries: 3 }])
  })

  it('sent in an answer counts as delivered when the agent is busy, even without a hook', () => {
    const run = new Run({ workerCount: 1 })
      .planned([planned('a')])
      .confirmed(one)
      .stops(one)
    const { reply } = run
    run.later(15_000).when({
      type: 'prompt-not-sent',
      prompt: reply?.id ?? '',
      obstacle: 'busy',
      isHopeless: false,
      ...run.from(one),
    })
    expect(run.instance(one).phase.name).toBe('working')
  })

  it('does not clear a conversation again that a busy machine cleared late', () => {
    const run = new Run({ workerCount: 1 })
      .planned([planned('a'), planned('b')])
      .confirmed(one)
      .reports(one)
      .stops(one)
    const { prompt } = run.asked('send-prompt')[0] ?? {}
    expect(prompt?.way).toBe('typed-fresh')
    const unanswered = {
      type: 'prompt-not-sent',
      prompt: prompt?.id ?? '',
      obstacle: 'clear-unanswered',
      isHopeless: false,
    } as const
    run.when({ ...unanswered, ...run.from(one) })
    expect(run.later(1_000).asked('send-prompt')).toMatchObject([
      { tries: 2, prompt: { way: 'typed-fresh' } },
    ])
    run
      .when({ ...unanswered, ...run.from(one) })
      .when({ type: 'session-started', source: 'clear', ...run.from(one) })
    expect(run.later(2_000).asked('send-prompt')).toMatchObject([
      { tries: 3, prompt: { id: prompt?.id, way: 'typed' } },
    ])
  })

  it('that can never be typed ends the launch at once, without further tries', () => {
    const run = new Run().allUp()
    run.when({
      type: 'prompt-not-sent',
      prompt: 'p1',
      obstacle: 'a bare shell',
      isHopeless: true,
      ...run.from(manager),
    })
    expect(run.instance(manager).phase).toMatchObject({
      name: 'backing-off',
      reason: 'its terminal shows a bare shell',
    })
  })
})

describe('a hook', () => {
  it('received twice takes effect only the first time, even if it was ignored then', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')])
    const stop = {
      type: 'turn-ended',
      backgroundTasks: 0,
      lastMessage: '',
      isAnswerable: true,
      sequence: 7,
      ...run.from(one),
    } as const
    expect(run.when(stop).ignored).toBe('worker-1 is prompted')
    run.confirmed(one)
    expect(run.when(stop).ignored).toBe('hook 7 of worker-1 was received before')
    expect(run.instance(one).phase.name).toBe('working')
  })
})
