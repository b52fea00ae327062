import { describe, expect, it } from 'vitest'
import { fail, held, minutes, quota, replaced, working } from '../../../test/support/limits.ts'
import { manager, one, planned, Run, two } from '../../../test/support/run.ts'
import { mostByReport, mostInAll } from '../entities/credential-disclosure.ts'
import { CredentialId, type InstanceId } from '../model/ids.ts'

const day = 24 * 60 * minutes

/** The credentials that the instance was given, and why. */
const given = (run: Run, instance: InstanceId = one) =>
  Object.fromEntries(
    [...run.state.credentials.values()].flatMap(({ id, disclosures }) =>
      disclosures.filter((each) => each.instance === instance).map(({ cause }) => [id, cause]),
    ),
  )

/** The model refuses again and again; the reset is far away. */
const failAll = (run: Run, times: number, untilMs = 60 * minutes) => {
  for (let count = 0; count < times; count += 1) {
    if (run.instance(one).phase.name !== 'working') return
    fail(run, quota(run.at + untilMs))
    if (run.instance(one).rotation !== null) replaced(run)
    if (run.instance(one).phase.name === 'prompted') run.confirmed(one)
  }
}

describe('the secrets that an instance is given', () => {
  it('are two new ones in a day on its own reports, and then it waits', () => {
    const run = working(9)
    failAll(run, 5)
    expect(Object.values(given(run)).toSorted()).toEqual(['first', 'report', 'report'])
    expect(run.instance(one)).toMatchObject({
      credential: null,
      phase: { name: 'rate-limited', wait: 'parked' },
    })
  })

  it('may be given again without limit', () => {
    const run = working(9)
    failAll(run, 3, 30 * minutes)
    for (let round = 0; round < 5; round += 1) {
      run.later(31 * minutes)
      expect(run.instance(one).credential).not.toBeNull()
      if (run.instance(one).rotation !== null) replaced(run)
      if (run.instance(one).phase.name === 'prompted') run.confirmed(one)
      failAll(run, 3, 30 * minutes)
    }
    expect(Object.keys(given(run))).toHaveLength(1 + mostByReport)
  })

  it('are two more on the next day', () => {
    const run = working(9)
    failAll(run, 3, 2 * day)
    expect(run.instance(one).credential).toBeNull()
    expect(run.later(day - minutes).instance(one).credential).toBeNull()
    expect(run.later(2 * minutes).instance(one).credential).not.toBeNull()
    expect(Object.keys(given(run))).toHaveLength(4)
  })

  it('are more when a person allows it, and the instance goes on at once', () => {
    const run = working(9)
    failAll(run, 3)
    run.when({ type: 'credentials-allowed', instance: one })
    expect(run.ignored).toBeNull()
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one }])
    expect(Object.values(given(run)).toSorted()).toEqual(['first', 'person', 'person', 'report'])
    run.when({ type: 'credentials-allowed', instance: two })
    expect(run.ignored).toMatch(/no new credential/)
  })

  it('do not count when a person moves it', () => {
    const run = working(9)
    for (let count = 0; count < 5; count += 1) {
      run.when({ type: 'instance-moved', instance: one, credential: null })
      replaced(run)
    }
    expect(Object.values(given(run)).filter((cause) => cause === 'person').length).toBe(
      Object.keys(given(run)).length - 1,
    )
    failAll(run, 5)
    expect(Object.values(given(run)).filter((cause) => cause === 'report').length).toBeLessThan(3)
  })

  it('do not count against it when a person disables its credential', () => {
    const run = working(9)
    run.when({ type: 'credential-disabled', credential: held(run), reason: 'mine' })
    expect(Object.values(given(run)).toSorted()).toEqual(['first', 'server'])
  })

  it('count as new when a file has another secret, but for those that hold it', () => {
    const run = working(9)
    const [first, file] = [held(run), { kind: 'api-key' }]
    failAll(run, 1)
    const credentials = [...run.state.credentials.keys()].map((id) => ({ id, ...file }))
    run.when({ type: 'credentials-changed', credentials, changed: [first, held(run)] })
    expect(Object.keys(given(run))).toEqual([held(run)])
  })

  it.each(['changed', 'new'])(
    'are more for an instance that waits when a %s file appears',
    (how) => {
      const run = working(0)
      const [first, spare] = [held(run), { id: CredentialId('key-9'), kind: 'api-key' }]
      const pool = () => [...run.state.credentials.values()].map(({ id, kind }) => ({ id, kind }))
      run.when({ type: 'credentials-changed', credentials: [...pool(), spare], changed: [] })
      for (const count of [1, 2]) {
        const other = { id: CredentialId(`key-2${count}`), kind: 'api-key' }
        run.when({ type: 'credentials-changed', credentials: [...pool(), other], changed: [] })
      }
      failAll(run, 5)
      expect(run.instance(one)).toMatchObject({ credential: null, phase: { wait: 'parked' } })
      const added = how === 'new' ? [{ id: CredentialId('key-99'), kind: 'api-key' }] : []
      run.when({
        type: 'credentials-changed',
        credentials: [...pool(), ...added],
        changed: how === 'changed' ? [first] : [],
      })
      expect(run.asked('replace-credential')).toMatchObject([{ instance: one }])
    },
  )

  it('are no more when a login renewed itself', () => {
    const run = working(9)
    failAll(run, 3)
    const credentials = [...run.state.credentials.keys()].map((id) => ({ id, kind: 'login' }))
    const changed = [...run.state.credentials.keys()].filter((id) => !(id in given(run)))
    run.when({ type: 'credentials-changed', credentials, changed })
    expect(run.instance(one).credential).toBeNull()
  })

  it('are none with the gateway, which uses them for the instance', () => {
    const run = working(3, { credentials: 'gateway' })
    expect(given(run)).toEqual({})
    run.start({ ...run.state.policy, credentials: 'file' })
    expect(given(run)).toEqual({ [held(run)]: 'first' })
  })

  it('count for a day after a clock that was set back a year, not for a year', () => {
    const run = working(9)
    failAll(run, 3, 2 * day)
    run.at -= 365 * day
    expect(run.later(0).instance(one).credential).toBeNull()
    run.later(day + minutes)
    expect(run.instance(one).credential).not.toBeNull()
  })
})

describe('two instances that act together', () => {
  it('get six new ones each in a day at most', () => {
    const run = new Run({ workerCount: 2, instancesPerCredential: 2 }, 30)
      .planned([planned('a'), planned('b')])
      .confirmed(one)
      .confirmed(two)
    // Each fills the window of what the other one holds.
    for (let count = 0; count < 40; count += 1) {
      const [mine, others] = [run.instance(one), run.instance(two)]
      for (const [by, credential] of [
        [two, mine.credential],
        [one, others.credential],
      ] as const) {
        if (credential === null) continue
        const resetsAt = run.at + 600 * minutes + count
        const window = 'five-hour'
        run.when({ type: 'window-seen', credential, by, window, usedPercent: 95, resetsAt })
      }
      for (const id of [one, two]) if (run.instance(id).rotation !== null) replaced(run, id)
      run.later(1_000)
    }
    for (const id of [one, two])
      expect(Object.keys(given(run, id)).length).toBeLessThanOrEqual(1 + mostInAll)
  })
})

describe('a night of real limits', () => {
  /** Minutes of work that each five-hour window is good for. */
  const capacity = 90

  it.each([
    ['four spare credentials', 4],
    ['one spare credential', 1],
    ['none', 0],
  ])('with %s needs no person, and every instance works again and again', (_, spare) => {
    const run = working(spare)
    const used = new Map<string, { minutes: number; since: number }>()
    const worked = new Map<InstanceId, number>()
    const end = run.at + 12 * 60 * minutes
    while (run.at < end) {
      run.later(minutes).allUp()
      for (const id of [one, two]) {
        const { credentialInUse, phase } = run.instance(id)
        if (phase.name !== 'working' || credentialInUse === null) continue
        run.when({ type: 'sign-of-life', ...run.from(id) })
        const known = used.get(credentialInUse)
        const isOpen = known !== undefined && known.since + 300 * minutes > run.at
        const window = isOpen ? known : { minutes: 0, since: run.at }
        used.set(credentialInUse, window)
        window.minutes += 1
        worked.set(id, (worked.get(id) ?? 0) + 1)
        if (window.minutes >= capacity) fail(run, quota(window.since + 300 * minutes), id)
      }
      for (const { id } of run.state.instances.values()) {
        if (run.instance(id).rotation !== null) replaced(run, id)
        if (run.instance(id).phase.name === 'prompted') run.confirmed(id)
      }
    }
    // Three windows of each credential lie in the night, at least two of which are used up.
    const least = (spare === 0 ? 2 : 3) * capacity
    for (const id of [one, two]) expect(worked.get(id)).toBeGreaterThanOrEqual(least)
    expect(run.instance(manager).phase.name).not.toBe('quarantined')
  })
})
