import { describe, expect, it } from 'vitest'
import type { StoredDocument } from './stored-document.ts'
import { upcast } from './upcast.ts'

const upcastOne = (kind: string, version: number, value: object): StoredDocument | undefined =>
  upcast([{ kind, id: kind, position: 0, version, value }]).documents[0]

describe('a document with retired terms', () => {
  it.each([
    [
      { name: 'starting', hasSession: true, wasLookedAt: false },
      { name: 'starting', hasSession: true, isProbed: false, lastProgress: null },
    ],
    [
      { name: 'working', heard: 7, looks: 1 },
      { name: 'working', lastHeartbeat: 7, probes: 1, busy: null },
    ],
    [
      { name: 'limited', wait: 'pause' },
      { name: 'rate-limited', wait: 'retrying' },
    ],
    [
      { name: 'limited', wait: 'swap' },
      { name: 'rate-limited', wait: 'retrying' },
    ],
    [
      { name: 'limited', wait: 'park' },
      { name: 'rate-limited', wait: 'parked' },
    ],
    [
      { name: 'resting', reason: 'r' },
      { name: 'backing-off', reason: 'r' },
    ],
    [{ name: 'ready' }, { name: 'ready' }],
  ])('of an instance in phase %o gets the new ones', (before, after) => {
    const old = { id: 'worker-1', troubles: [3], phase: before }
    expect(upcastOne('instance', 2, old)?.value).toEqual({
      id: 'worker-1',
      pauses: [3],
      rotation: null,
      hungTurns: 0,
      outdated: null,
      isCredentialTaken: false,
      phase: after,
    })
  })

  it('of an instance in rotation waits for it in the state', () => {
    const phase = { name: 'limited', wait: 'swap', since: 5, until: 9, reason: 'r' }
    const old = { credential: 'key-2', credentialInUse: 'key-1', phase }
    expect(upcastOne('instance', 2, old)?.value).toMatchObject({
      rotation: { credential: 'key-2', step: 'placing', since: 5, until: 9, isOutdated: false },
      phase: { name: 'rate-limited', wait: 'rotating', since: 5, reason: 'r' },
    })
    expect(
      upcastOne('instance', 2, { phase: { name: 'prompted', until: 9 } })?.value,
    ).toMatchObject({
      rotation: null,
      phase: { name: 'prompted', awaits: 'arrival', until: 9 },
    })
  })

  it('of a task gets the new ones', () => {
    const old = { attempts: [], returns: 2, phase: { name: 'blocked', question: 'q', told: 3 } }
    expect(upcastOne('task', 1, old)?.value).toMatchObject({
      reworkCount: 2,
      phase: { name: 'blocked', question: 'q', timesAsked: 3 },
    })
  })

  it('of the rules becomes the policy', () => {
    expect(upcastOne('rules', 2, { losses: 3 })).toEqual({
      kind: 'policy',
      id: 'policy',
      position: 0,
      version: 2,
      value: { losses: 3, rounds: 3, checks: [], busyMs: 7_200_000 },
    })
  })
})
