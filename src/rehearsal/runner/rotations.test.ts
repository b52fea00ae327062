import { describe, expect, it } from 'vitest'
import type { RecordedRequest } from '../model/server.ts'
import type { JournalLine } from './events.ts'
import { parkedMs, rotationsIn } from './rotations.ts'

type Event = Partial<JournalLine['event']> & { readonly type: string; readonly at: number }

const line = (
  event: Event,
  commands: JournalLine['commands'] = [],
  ignored: string | null = null,
): JournalLine => ({
  sequence: event.at,
  event,
  commands,
  ignored,
})

const worker = { instance: 'worker-1', launch: 1 }
const started = line({ type: 'server-started', at: 0 }, [
  { type: 'start-instance', ...worker, credential: 'key-2' },
])
const failed = line(
  { type: 'turn-failed', at: 110, ...worker, trouble: { kind: 'quota', window: 'five-hour' } },
  [{ type: 'replace-credential', ...worker, credential: 'key-5' }],
)
const replaced = line({ type: 'credential-replaced', at: 1_200, ...worker, credential: 'key-5' })

const request = (
  number: number,
  at: number,
  results: readonly string[],
  change: Partial<RecordedRequest> = {},
): RecordedRequest => ({
  credential: `rehearsal-${number}`,
  role: 'worker',
  prompt: 'p1',
  complaint: null,
  answered: 'message',
  at,
  results,
  ...change,
})

const refused = request(2, 100, ['a', 'b'], { answered: 'limit' })

describe('the changes of credentials', () => {
  it('are timed from the refusal to the first success', () => {
    const requests = [
      request(2, 90, ['a']),
      refused,
      request(3, 300, []),
      request(5, 1_500, ['a', 'b'], { prompt: 'p2' }),
    ]
    expect(rotationsIn([started, failed, replaced], requests)).toEqual([
      {
        instance: 'worker-1',
        from: 'key-2',
        to: 'key-5',
        reason: 'quota',
        signalMs: 10,
        resumedMs: 1_390,
        refusedMeanwhile: 0,
        restarted: false,
        sameConversation: true,
      },
    ])
  })

  it('show a conversation that was lost, and a restart', () => {
    const restarted = line({ type: 'instance-lost', at: 1_300, ...worker }, [
      { type: 'start-instance', ...worker, launch: 2, credential: 'key-5' },
    ])
    const [swap] = rotationsIn([started, failed, restarted], [refused, request(5, 4_000, ['a'])])
    expect(swap).toMatchObject({ restarted: true, sameConversation: false, resumedMs: 3_890 })
  })

  it('count no success that the credential has with somebody else later', () => {
    const failedAgain = line({ ...failed.event, at: 1_400 }, [
      { type: 'replace-credential', ...worker, credential: 'key-2' },
    ])
    const back = line({ ...replaced.event, at: 2_500, credential: 'key-2' })
    const requests = [
      refused,
      request(5, 1_390, ['a', 'b'], { answered: 'limit' }),
      request(2, 2_600, ['a', 'b']),
      request(5, 9_000, []),
    ]
    const swaps = rotationsIn([started, failed, replaced, failedAgain, back], requests)
    expect(
      swaps.map(({ from, to, signalMs, resumedMs }) => [from, to, signalMs, resumedMs]),
    ).toEqual([
      ['key-2', 'key-5', 10, null],
      ['key-5', 'key-2', 10, 1_200],
    ])
  })

  it('name what made the server move an instance that had not failed', () => {
    const moved = line({ type: 'window-seen', at: 50, credential: 'key-2' }, [
      { type: 'replace-credential', ...worker, credential: 'key-5' },
    ])
    const [swap] = rotationsIn(
      [started, moved, replaced],
      [request(2, 40, ['a']), request(5, 1_250, ['a', 'b'])],
    )
    expect(swap).toMatchObject({
      reason: 'window-seen',
      signalMs: null,
      resumedMs: 1_200,
      refusedMeanwhile: 0,
      sameConversation: true,
    })
  })

  it('do not hold a new turn against the change', () => {
    const moved = line({ type: 'window-seen', at: 50 }, [
      { type: 'replace-credential', ...worker, credential: 'key-5' },
    ])
    const [swap] = rotationsIn(
      [started, moved, replaced],
      [request(2, 40, ['a']), request(5, 1_250, [], { prompt: 'p2' })],
    )
    expect(swap?.sameConversation).toBeNull()
  })

  it('leave out what the server ignored, and failures that were over', () => {
    const ended = line({ type: 'turn-ended', at: 130, ...worker })
    const late = { ...replaced, ignored: 'an older launch' }
    expect(rotationsIn([started, failed, late], [refused])).toEqual([])
    const [swap] = rotationsIn([started, { ...failed, commands: [] }, ended, replaced], [refused])
    expect(swap).toMatchObject({ reason: 'unknown', signalMs: null })
  })

  it('behind a gateway are the same request with another credential', () => {
    const told = line({
      type: 'gateway-refused',
      at: 104,
      ...worker,
      credential: 'key-2',
      trouble: { kind: 'quota' },
    })
    const swaps = rotationsIn(
      [started, told],
      [refused, request(3, 106, ['x'], { prompt: 'p9' }), request(5, 120, ['a', 'b'])],
    )
    expect(swaps).toMatchObject([
      { from: 'key-2', to: 'key-5', signalMs: 4, resumedMs: 16, restarted: false },
    ])
  })
})

describe('parking', () => {
  const parked = { ...failed, commands: [] }

  it('lasts until the server turns to the instance again', () => {
    const other = line({ type: 'clock-ticked', at: 9_000 }, [
      { type: 'send-prompt', instance: 'worker-2' },
    ])
    const woken = line({ type: 'clock-ticked', at: 25_110 }, [{ type: 'send-prompt', ...worker }])
    expect(parkedMs([started, parked, other, woken])).toBe(25_000)
  })

  it('goes on while the work of its turn is saved', () => {
    const parked = line({ type: 'turn-failed', at: 110, ...worker, trouble: { kind: 'quota' } }, [
      { type: 'save-work', ...worker },
    ])
    const saved = line({ type: 'clock-ticked', at: 1_000 }, [{ type: 'save-work', ...worker }])
    const woken = line({ type: 'clock-ticked', at: 25_110 }, [{ type: 'send-prompt', ...worker }])
    expect(parkedMs([started, parked, saved, woken])).toBe(25_000)
  })

  it('is no swap and no pause', () => {
    const paused = line({ type: 'turn-failed', at: 10, ...worker, trouble: { kind: 'throttled' } })
    expect(
      parkedMs([
        started,
        failed,
        replaced,
        paused,
        line({ type: 'clock-ticked', at: 900 }, [{ type: 'send-prompt', ...worker }]),
      ]),
    ).toBe(0)
  })
})
