import { describe, expect, it } from 'vitest'
import type { RecordedRequest } from '../model/server.ts'
import { eventAt, modelError } from '../../../test/support/event-view.ts'
import type { ActionView } from '../../http/contract/event.ts'
import { parkedMs, rotationsIn } from './rotations.ts'

const worker = { instance: 'worker-1', launch: 1 }
const action = (
  type: ActionView['type'],
  credential: string | null = null,
  change: Partial<ActionView> = {},
): ActionView => ({ type, ...worker, credential, ...change })

const started = eventAt(0, {
  type: 'server-started',
  actions: [action('start-instance', 'key-2')],
})
const failed = eventAt(110, {
  type: 'turn-failed',
  ...worker,
  modelError: modelError('quota'),
  actions: [action('replace-credential', 'key-5')],
})
const replaced = eventAt(1_200, { type: 'credential-replaced', ...worker, credential: 'key-5' })

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
    const [placed, read] = [
      eventAt(1_000, { type: 'credential-placed', ...worker, credential: 'key-5' }),
      eventAt(1_200, { type: 'settings-read', ...worker }),
    ]
    const rotations = rotationsIn([started, failed, replaced], requests)
    expect(rotationsIn([started, failed, placed, read, read], requests)).toEqual(rotations)
    expect(rotationsIn([started, failed, read, placed], requests)).toEqual([])
    expect(rotations).toEqual([
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
    const restarted = eventAt(1_300, {
      type: 'instance-lost',
      ...worker,
      actions: [action('start-instance', 'key-5', { launch: 2 })],
    })
    const [rotation] = rotationsIn(
      [started, failed, restarted],
      [refused, request(5, 4_000, ['a'])],
    )
    expect(rotation).toMatchObject({ restarted: true, sameConversation: false, resumedMs: 3_890 })
  })

  it('count no success that the credential has with another instance later', () => {
    const failedAgain = eventAt(1_400, {
      type: 'turn-failed',
      ...worker,
      modelError: modelError('quota'),
      actions: [action('replace-credential', 'key-2')],
    })
    const back = eventAt(2_500, { type: 'credential-replaced', ...worker, credential: 'key-2' })
    const requests = [
      refused,
      request(5, 1_390, ['a', 'b'], { answered: 'limit' }),
      request(2, 2_600, ['a', 'b']),
      request(5, 9_000, []),
    ]
    const rotations = rotationsIn([started, failed, replaced, failedAgain, back], requests)
    expect(
      rotations.map(({ from, to, signalMs, resumedMs }) => [from, to, signalMs, resumedMs]),
    ).toEqual([
      ['key-2', 'key-5', 10, null],
      ['key-5', 'key-2', 10, 1_200],
    ])
  })

  it('name what made the server move an instance that had not failed', () => {
    const moved = eventAt(50, {
      type: 'window-seen',
      credential: 'key-2',
      actions: [action('replace-credential', 'key-5')],
    })
    const [rotation] = rotationsIn(
      [started, moved, replaced],
      [request(2, 40, ['a']), request(5, 1_250, ['a', 'b'])],
    )
    expect(rotation).toMatchObject({
      reason: 'window-seen',
      signalMs: null,
      resumedMs: 1_200,
      refusedMeanwhile: 0,
      sameConversation: true,
    })
  })

  it('do not hold a new turn against the change', () => {
    const moved = eventAt(50, {
      type: 'window-seen',
      actions: [action('replace-credential', 'key-5')],
    })
    const [rotation] = rotationsIn(
      [started, moved, replaced],
      [request(2, 40, ['a']), request(5, 1_250, [], { prompt: 'p2' })],
    )
    expect(rotation?.sameConversation).toBeNull()
  })

  it('leave out what the server ignored, and failures that were over', () => {
    const ended = eventAt(130, { type: 'turn-ended', ...worker })
    const late = { ...replaced, ignored: 'an older launch' }
    expect(rotationsIn([started, failed, late], [refused])).toEqual([])
    const [rotation] = rotationsIn(
      [started, { ...failed, actions: [] }, ended, replaced],
      [refused],
    )
    expect(rotation).toMatchObject({ reason: 'unknown', signalMs: null })
  })

  it('behind a gateway are the same request with another credential', () => {
    const refusal = eventAt(104, {
      type: 'credential-refused',
      ...worker,
      credential: 'key-2',
      modelError: modelError('quota'),
    })
    const rotations = rotationsIn(
      [started, refusal],
      [refused, request(3, 106, ['x'], { prompt: 'p9' }), request(5, 120, ['a', 'b'])],
    )
    expect(rotations).toMatchObject([
      { from: 'key-2', to: 'key-5', signalMs: 4, resumedMs: 16, restarted: false },
    ])
  })
})

describe('parking', () => {
  const parked = { ...failed, actions: [] }

  it('lasts until the server turns to the instance again', () => {
    const other = eventAt(9_000, {
      actions: [action('send-prompt', null, { instance: 'worker-2' })],
    })
    const woken = eventAt(25_110, { actions: [action('send-prompt')] })
    expect(parkedMs([started, parked, other, woken])).toBe(25_000)
  })

  it('goes on while the work of its turn is saved', () => {
    const parked = { ...failed, actions: [action('save-work')] }
    const saved = eventAt(1_000, { actions: [action('save-work')] })
    const woken = eventAt(25_110, { actions: [action('send-prompt')] })
    expect(parkedMs([started, parked, saved, woken])).toBe(25_000)
  })

  it('is no rotation and no pause', () => {
    const paused = eventAt(10, {
      type: 'turn-failed',
      ...worker,
      modelError: modelError('throttled'),
    })
    expect(
      parkedMs([
        started,
        failed,
        replaced,
        paused,
        eventAt(900, { actions: [action('send-prompt')] }),
      ]),
    ).toBe(0)
  })
})
