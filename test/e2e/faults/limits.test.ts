import { describe, expect, it } from 'vitest'
import { settingsSchema } from '../../../src/config/schema.ts'
import { rehearse } from '../../support/limit-rehearsal.ts'

/** The one change that a scenario is about: in place, and the turn goes on where it was. */
const inPlace = { restarted: false, sameConversation: true }

describe('a limit of one credential', () => {
  it('in its five-hour window moves the worker to the spare one in the middle of its turn', async () => {
    const { rotations, printed } = await rehearse('limit-one')
    expect(rotations).toMatchObject([
      { instance: expect.stringMatching(/^worker-/), reason: 'quota', to: 'key-4', ...inPlace },
    ])
    // In either order: on a busy machine the rotation begins before the failure is reported.
    expect(printed).toMatch(/turn of worker-\d failed: .* is used up until \S+ \d\d:\d\d /)
    expect(printed).toMatch(/worker-\d has key-4 and must read it/)
  })

  it('in its weekly window does so past the dialog that opens', async () => {
    const { rotations } = await rehearse('limit-weekly-text')
    expect(rotations).toMatchObject([{ reason: 'quota', to: 'key-4', ...inPlace }])
  })

  it('that a subagent runs into costs the worker no more than the change', async () => {
    const { rotations } = await rehearse('subagent-limit')
    expect(rotations).toMatchObject([{ to: 'key-4', restarted: false }])
  })

  it('is not hit at all by a worker that is moved in time', async () => {
    const { rotations } = await rehearse('proactive')
    expect(rotations).toMatchObject([{ to: 'key-4', signalMs: null, restarted: false }])
  })

  it.runIf('credentials' in settingsSchema.shape)(
    'is not seen by a worker behind the gateway',
    async () => {
      const { rotations } = await rehearse('gateway-limit')
      expect(rotations).toMatchObject([{ reason: 'quota', to: 'key-4', ...inPlace }])
    },
  )
})

describe('a credential that is no good any more', () => {
  it.each([
    ['revoked', 'rejected'],
    ['spend', 'spent'],
  ])('because of %s is replaced for good', async (scenario, reason) => {
    const { rotations } = await rehearse(scenario)
    expect(rotations).toMatchObject([{ reason, to: 'key-4', ...inPlace }])
  })
})
