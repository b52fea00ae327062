import { describe, expect, it } from 'vitest'
import { createFakeStore } from '../../../test/fakes/store.ts'
import { createSkippingClock } from '../../../test/fakes/skipping-clock.ts'
import { one, planned, Run } from '../../../test/support/run.ts'
import { Unavailable } from '../../ports/store-unavailable.ts'
import { type Change, Dispatcher, type NewEvent } from './dispatcher.ts'

const failed = (command: string): NewEvent => ({ type: 'command-failed', command, reason: 'x' })

function open(isFull = (): boolean => false) {
  const kept = createFakeStore({ isFull })
  const commits: number[] = []
  const store = {
    ...kept,
    commit: (...args: Parameters<typeof kept.commit>) => {
      commits.push(args[2].length)
      return kept.commit(...args)
    },
  }
  let work = (): void => undefined
  const executed: string[] = []
  const problems: string[] = []
  const dispatcher = new Dispatcher(
    store,
    createSkippingClock(),
    new Run({ workerCount: 2 }).planned([planned('a')]).confirmed(one).state,
    (commands) => executed.push(...commands.map(({ type }) => type)),
    { soon: (later) => (work = later), onProblem: (what) => problems.push(what) },
  )
  const decided = () => store.journal(0, 100).map(({ event }) => event)
  return { dispatcher, store, commits, executed, problems, decided, soon: () => work() }
}

describe('events that arrive together', () => {
  it('are decided in order, and durable with one commit before any of them is answered', async () => {
    const { dispatcher, commits, decided, soon } = open()
    let answered = 0
    const all = ['first', 'second', 'third'].map((name) =>
      dispatcher.dispatchSoon(failed(name)).finally(() => (answered += 1)),
    )
    await Promise.resolve()
    expect({ answered, commits }).toEqual({ answered: 0, commits: [] })
    soon()
    expect(commits).toEqual([3])
    await Promise.all(all)
    expect(decided()).toMatchObject(['first', 'second', 'third'].map((command) => ({ command })))
  })

  it('each start from the state that the one before left', async () => {
    const { dispatcher, executed, soon } = open()
    const changes: Change[] = []
    dispatcher.subscribe((change) => changes.push(change))
    const from = { instance: one, launch: 1 }
    const lost = dispatcher.dispatchSoon({ type: 'instance-lost', cause: 'killed', ...from })
    const late = dispatcher.dispatchSoon({ type: 'sign-of-life', ...from })
    soon()
    expect((await lost).ignored).toBeNull()
    expect((await late).ignored).not.toBeNull()
    expect(changes[1]?.before).toBe(changes[0]?.after)
    expect(changes[1]?.after).toBe(dispatcher.state)
    expect(executed).not.toEqual([])
  })

  it('come before an event that does not wait', async () => {
    const { dispatcher, decided, soon } = open()
    const gathered = dispatcher.dispatchSoon(failed('gathered'))
    dispatcher.dispatch(failed('at once'))
    const other = dispatcher.dispatchSoon(failed('gathered later'))
    dispatcher.enqueue(failed('queued'))
    soon()
    await Promise.all([gathered, other])
    expect(decided().map((event) => 'command' in event && event.command)).toEqual([
      'gathered',
      'at once',
      'gathered later',
      'queued',
    ])
  })

  it('are all refused, and none has happened, when they cannot be written', async () => {
    let isFull = true
    const { dispatcher, decided, soon } = open(() => isFull)
    const before = dispatcher.state
    const all = ['one', 'two'].map((name) => dispatcher.dispatchSoon(failed(name)))
    soon()
    for (const each of all) await expect(each).rejects.toThrow(Unavailable)
    expect(dispatcher.state).toBe(before)
    isFull = false
    const again = dispatcher.dispatchSoon(failed('three'))
    soon()
    await again
    expect(decided()).toMatchObject([{ command: 'three' }])
  })

  it('do not hold up each other when the decision about one throws', async () => {
    const { dispatcher, decided, soon } = open()
    const broken = dispatcher.dispatchSoon({ type: 'no-such-event' } as never)
    const whole = dispatcher.dispatchSoon(failed('whole'))
    soon()
    await expect(broken).rejects.toBeInstanceOf(Error)
    await whole
    expect(decided()).toMatchObject([{ command: 'whole' }])
  })

  it('are in the state that is judged after a flush', async () => {
    const { dispatcher, decided } = open()
    const stopped = dispatcher.dispatchSoon(failed('gathered'))
    expect(decided()).toEqual([])
    dispatcher.flush()
    expect(decided()).toMatchObject([{ command: 'gathered' }])
    await stopped
  })

  it('are all answered and announced when a listener throws', async () => {
    const { dispatcher, problems, soon } = open()
    const received: number[] = []
    dispatcher.subscribe(({ entry }) => {
      if (entry.sequence === 1) throw new Error('a listener with a bug')
    })
    dispatcher.subscribe(({ entry }) => received.push(entry.sequence))
    const all = ['one', 'two'].map((name) => dispatcher.dispatchSoon(failed(name)))
    soon()
    expect(await Promise.all(all)).toHaveLength(2)
    expect(received).toEqual([1, 2])
    expect(problems).toEqual(['a listener of the state failed'])
  })

  it('are refused when the server stops before they are durable', async () => {
    const { dispatcher, decided, soon } = open()
    const late = dispatcher.dispatchSoon(failed('late'))
    dispatcher[Symbol.dispose]()
    soon()
    await expect(late).rejects.toThrow('the server is stopping')
    await expect(dispatcher.dispatchSoon(failed('later'))).rejects.toThrow('is stopping')
    expect(decided()).toEqual([])
  })
})
