import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { workerId } from '../core/model/ids.ts'
import { longestSilenceMs, longestWaitMs, WaitingCarriers } from './waiting-carriers.ts'

const one = workerId(1)
const argv = ['workspace', 'begin', 'walls']
const outcome = { exitCode: 0, stdout: 'begun\n', stderr: '' }
const timeoutMs = 300_000

describe('a tool that a carrier runs', () => {
  let carriers: WaitingCarriers
  const noEnd = new AbortController().signal
  const ask = (carrier = 'first', running: readonly string[] = [], signal = noEnd) =>
    carriers.next({ instance: one, carrier, running }, signal)
  const run = () => {
    const running = carriers.run(one, argv, timeoutMs)
    if (running === null) throw new Error('no carrier waits')
    return running
  }

  beforeEach(() => {
    vi.useFakeTimers()
    carriers = new WaitingCarriers()
  })

  afterEach(() => vi.useRealTimers())

  it('is handed over at once, and ends with what the carrier brings', async () => {
    const asked = ask()
    const ended = run()
    const handed = await asked
    expect(handed).toEqual({ id: expect.any(String) as string, argv })
    void ask('first', [handed?.id ?? ''])
    expect(carriers.finish(one, handed?.id ?? '', outcome)).toBe(true)
    expect(await ended).toEqual(outcome)
    expect(carriers.finish(one, handed?.id ?? '', outcome)).toBe(false)
  })

  it('is left to the engine where no carrier waits', async () => {
    expect(carriers.run(one, argv, timeoutMs)).toBeNull()
    const gone = new AbortController()
    const asked = ask('first', [], gone.signal)
    gone.abort()
    expect(await asked).toBeNull()
    expect(carriers.run(one, argv, timeoutMs)).toBeNull()
    void ask()
    expect(carriers.run(workerId(2), argv, timeoutMs)).toBeNull()
  })

  it('is handed over again when the answer that brought it was lost', async () => {
    const asked = ask()
    const ended = run()
    const lost = await asked
    const again = await ask()
    expect(again).toEqual(lost)
    carriers.finish(one, again?.id ?? '', outcome)
    expect(await ended).toEqual(outcome)
  })

  it('is not handed over again while it runs, and another one beside it is', async () => {
    const asked = ask()
    const first = run()
    const { id = '' } = (await asked) ?? {}
    const next = ask('first', [id])
    const other = run()
    const handed = await next
    expect(handed?.id).not.toBe(id)
    carriers.finish(one, handed?.id ?? '', { ...outcome, stdout: 'second' })
    carriers.finish(one, id, outcome)
    expect(await Promise.all([first, other])).toEqual([outcome, { ...outcome, stdout: 'second' }])
  })

  it('fails when another carrier asks: the one before has ended', async () => {
    const asked = ask()
    const ended = run().catch(String)
    await asked
    const next = ask('second')
    expect(await ended).toContain('workspace begin walls: its carrier ended')
    const after = run()
    carriers.finish(one, (await next)?.id ?? '', outcome)
    expect(await after).toEqual(outcome)
  })

  it('fails when its carrier asks no more', async () => {
    const gone = new AbortController()
    const asked = ask()
    const ended = run().catch(String)
    const { id = '' } = (await asked) ?? {}
    const next = ask('first', [id], gone.signal)
    gone.abort()
    expect(await next).toBeNull()
    await vi.advanceTimersByTimeAsync(longestSilenceMs)
    expect(await ended).toContain('its carrier ended')
  })

  it('fails after its time', async () => {
    const asked = ask()
    const ended = run().catch(String)
    const { id = '' } = (await asked) ?? {}
    for (let passed = 0; passed < timeoutMs; passed += longestWaitMs) {
      const next = ask('first', [id])
      await vi.advanceTimersByTimeAsync(longestWaitMs)
      expect(await next).toBeNull()
    }
    expect(await ended).toContain('no end after 300 s')
    expect(carriers.finish(one, id, outcome)).toBe(false)
  })

  it('goes to the newest question of an instance', async () => {
    const older = ask()
    const newer = ask()
    expect(await older).toBeNull()
    void run()
    expect(await newer).toMatchObject({ argv })
    expect(vi.getTimerCount()).toBeLessThanOrEqual(2)
  })
})
