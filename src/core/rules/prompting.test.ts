import { describe, expect, it } from 'vitest'
import { manager, one, planned, Run } from '../../../test/support/run.ts'
import { timeouts } from '../model/policy.ts'

describe('a prompt', () => {
  it('that is not confirmed in time is repeated; after the last try the instance restarts', () => {
    const run = new Run({ promptTries: 3 }).allUp()
    for (const tries of [2, 3])
      expect(run.later(15_000).typed()).toMatchObject([{ instance: manager, tries }])
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
    expect(run.later(1_000).typed()).toMatchObject([{ tries: 2 }])
    run.when({
      type: 'prompt-not-sent',
      prompt: 'p1',
      obstacle: 'no terminal',
      isHopeless: false,
      ...run.from(manager),
    })
    expect(run.later(1_000).typed()).toEqual([])
    expect(run.later(1_000).typed()).toMatchObject([{ tries: 3 }])
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

describe('a prompt for a fresh conversation', () => {
  const cleared = () => {
    const run = new Run({ workerCount: 1 })
      .planned([planned('a'), planned('b')])
      .confirmed(one)
      .reports(one)
      .stops(one)
    const [clear] = run.asked('clear-conversation')
    if (clear === undefined) throw new Error('nothing is cleared')
    const { prompt } = clear
    const typed = (tries: number) =>
      run.when({ type: 'clear-typed', prompt: prompt.id, tries, ...run.from(one) })
    return { run, prompt, typed }
  }

  it('is typed in the decision about the hook that answers /clear, and not before', () => {
    const { run, prompt, typed } = cleared()
    expect(run.asked('send-prompt')).toEqual([])
    expect(prompt).toMatchObject({ way: 'typed-fresh', purpose: 'task' })
    expect(typed(1).commands).toEqual([])
    expect(run.cleared(one).commands).toMatchObject([
      { type: 'send-prompt', instance: one, tries: 1, prompt },
    ])
    expect(run.instance(one)).toMatchObject({
      conversation: 'blank',
      phase: { name: 'prompted', awaits: 'arrival', until: run.at + 15_000 },
    })
    expect(run.cleared(one).commands, 'the hook of a human').toEqual([])
  })

  it('is typed when the hook is recorded before the report that /clear was typed', () => {
    const { run, typed } = cleared()
    expect(run.cleared(one).asked('send-prompt')).toHaveLength(1)
    const { phase } = run.instance(one)
    expect(typed(1).ignored).toBe('worker-1 is prompted')
    expect(run.instance(one).phase).toBe(phase)
  })

  it('is tried again after a pause when /clear is not answered within 4 s', () => {
    const { run, typed } = cleared()
    run.later(3_000)
    typed(1)
    run.later(timeouts.clearMs - 1)
    expect(run.instance(one).phase).toMatchObject({ obstacle: null })
    expect(run.later(1).typed()).toEqual([])
    expect(run.instance(one).phase).toMatchObject({ obstacle: 'clear-unanswered', tries: 1 })
    expect(run.later(1_000).typed()).toMatchObject([
      { type: 'clear-conversation', tries: 2, prompt: { way: 'typed-fresh' } },
    ])
    expect(typed(1).ignored, 'of the try before').toBe('worker-1 is prompted')
  })

  it('is tried again when the outcome of typing /clear is lost', () => {
    const { run } = cleared()
    run.later(15_000)
    expect(run.instance(one).phase).toMatchObject({ obstacle: 'clear-unanswered', tries: 1 })
    expect(run.later(1_000).asked('clear-conversation')).toMatchObject([{ tries: 2 }])
  })

  it('restarts the instance when /clear is never answered', () => {
    const { run } = cleared()
    for (let tries = 1; tries <= 4; tries += 1) run.later(15_000).later(8_000)
    expect(run.instance(one).phase).toMatchObject({
      name: 'backing-off',
      reason: expect.stringContaining('clear-unanswered') as string,
    })
  })

  it('does not clear a conversation again that a busy machine cleared late', () => {
    const { run, prompt, typed } = cleared()
    typed(1).later(timeouts.clearMs)
    expect(run.later(1_000).typed()).toMatchObject([{ tries: 2, prompt: { way: 'typed-fresh' } }])
    typed(2).later(timeouts.clearMs)
    expect(run.instance(one).phase).toMatchObject({ obstacle: 'clear-unanswered' })
    expect(run.cleared(one).typed()).toMatchObject([{ type: 'send-prompt', tries: 2, prompt }])
    expect(run.later(15_000).typed()).toMatchObject([
      { type: 'send-prompt', tries: 3, prompt: { id: prompt.id, way: 'typed' } },
    ])
  })

  it('waits in the state for the hook that the outbox kept during a restart of the server', () => {
    const { run, typed } = cleared()
    typed(1).start()
    expect(run.cleared(one).asked('send-prompt')).toMatchObject([{ instance: one }])
  })
})
