import { describe, expect, it } from 'vitest'
import {
  fail,
  held,
  minutes,
  placed,
  quota,
  replaced,
  settingsRead,
  working,
} from '../../../test/support/limits.ts'
import { manager, one, planned, Run } from '../../../test/support/run.ts'
import { CredentialId } from '../model/ids.ts'
import { timeouts } from '../model/policy.ts'

const [key4, key5] = [CredentialId('key-4'), CredentialId('key-5')]
const move = (run: Run, credential: CredentialId | null, instance = one) =>
  run.when({ type: 'instance-moved', instance, credential })

/** One worker in the middle of a rotation, after its credential's window was used up. */
const rotating = (spare = 1) => {
  const run = working(spare)
  return fail(run, quota(run.at + 30 * minutes))
}

describe('a credential that is on its way to an instance', () => {
  it('is leased to no other, even after its instance got another lease', () => {
    const run = working(2)
    move(run, key4)
    move(run, key5)
    expect(run.instance(one)).toMatchObject({ credential: key5, rotation: { credential: key4 } })
    expect(move(run, key4, manager).ignored).not.toBeNull()
  })

  it('is not placed once the gateway is in use', () => {
    const run = working(1)
    move(run, key4)
    run.start({ ...run.state.policy, credentials: 'gateway' })
    expect(run.asked('replace-credential')).toEqual([])
    expect(run.instance(one)).toMatchObject({ rotation: null, credentialInUse: key4 })
  })

  it('is in use when it was replaced, also if its file is gone by then', () => {
    const run = working(1)
    move(run, key4)
    const credentials = [...run.state.credentials.values()].filter(({ id }) => id !== key4)
    run.when({ type: 'credentials-changed', credentials, changed: [] })
    run.when({ type: 'credential-replaced', credential: key4, ...run.from(one) })
    expect(run.ignored).toBeNull()
    expect(run.instance(one).credentialInUse).toBe(key4)
  })
})

describe('a rotation', () => {
  it('is over when Claude Code reads its settings after the credential was placed', () => {
    const run = rotating()
    expect(run.instance(one)).toMatchObject({
      phase: { name: 'rate-limited', wait: 'rotating' },
      rotation: { credential: key4, step: 'placing', until: run.at + timeouts.placeMs },
    })
    run.at += 2_500
    expect(placed(run).typed()).toEqual([])
    expect(run.instance(one)).toMatchObject({
      rotation: { step: 'reading', until: run.at + timeouts.settingsReadMs },
    })
    expect(settingsRead(run).typed()).toMatchObject([{ prompt: { purpose: 'resume' } }])
    expect(run.instance(one)).toMatchObject({
      rotation: null,
      credentialInUse: key4,
      isCredentialUnproved: true,
    })
  })

  it('is not over when the settings are read before the placement is recorded', () => {
    const run = rotating()
    expect(settingsRead(run).ignored).toBe('worker-1 is rate-limited')
    expect(placed(run).typed()).toEqual([])
    expect(run.instance(one).rotation).toMatchObject({ step: 'reading' })
    expect(settingsRead(run).typed()).toHaveLength(1)
  })

  it('ends with a restart when the settings are not read in time, and says so', () => {
    const run = placed(rotating())
    run.later(timeouts.settingsReadMs - 1)
    expect(run.instance(one).phase.name).toBe('rate-limited')
    expect(run.later(1).instance(one)).toMatchObject({
      phase: { name: 'backing-off', reason: 'worker-1 did not confirm that it read key-4' },
      rotation: null,
      failures: [],
    })
    expect(settingsRead(run).ignored).toBe('worker-1 is backing-off')
  })

  it('ends with a restart when the outcome of its command is lost', () => {
    const run = rotating().later(timeouts.placeMs)
    expect(run.instance(one).phase).toMatchObject({
      name: 'backing-off',
      reason: 'key-4 was not placed in worker-1 in time',
    })
  })

  it('that fails while it works is tried again when the turn ends', () => {
    const run = move(working(1), key4)
    placed(run).later(timeouts.settingsReadMs)
    expect(run.instance(one)).toMatchObject({ phase: { name: 'working' }, rotation: null })
    expect(run.stops(one).asked('replace-credential')).toMatchObject([{ credential: key4 }])
  })

  it('keeps its placement over a restart of the server, which issues the command again', () => {
    const run = placed(rotating()).start()
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one, credential: key4 }])
    expect(run.instance(one).rotation).toMatchObject({ step: 'reading' })
    expect(settingsRead(run).typed(), 'the outbox kept the hook').toHaveLength(1)
    expect(
      run.when({ type: 'credential-placed', credential: key4, ...run.from(one) }).ignored,
    ).toBe('worker-1 does not wait for key-4')
  })

  it('that a server placed and did not record needs the read after the second placement', () => {
    const run = rotating().start()
    settingsRead(run)
    expect(run.instance(one).credentialInUse).not.toBe(key4)
    expect(replaced(run).typed()).toHaveLength(1)
  })

  it('has its whole time again when the machine slept', () => {
    const run = placed(rotating()).later(24 * 60 * minutes)
    expect(run.instance(one).rotation?.until).toBe(run.at + timeouts.placeMs)
    expect(settingsRead(run).typed()).toHaveLength(1)
  })

  it('ends with its launch, whose hooks count no more', () => {
    const run = placed(rotating())
    const launch = run.instance(one).launch
    run.when({ type: 'instance-lost', cause: 'killed', ...run.from(one) })
    expect(run.instance(one).rotation).toBeNull()
    run.later(1_000)
    const late = run.when({ type: 'settings-read', instance: one, launch })
    expect(late.ignored).toBe('worker-1 is at launch 2, not 1')
  })

  it('is not ended by the outcome of another credential’s command', () => {
    const run = rotating()
    const { state } = run
    run.when({ type: 'credential-placed', credential: key5, ...run.from(one) })
    run.when({
      type: 'credential-not-replaced',
      credential: key5,
      reason: 'no',
      ...run.from(one),
    })
    expect(run.state).toBe(state)
  })
})

describe('a second rotation', () => {
  it('begins when the first one has ended: its read cannot be taken for that of the second', () => {
    const run = move(working(2), key4)
    placed(run)
    expect(move(run, key5).asked('replace-credential')).toEqual([])
    expect(settingsRead(run).asked('replace-credential')).toMatchObject([{ credential: key5 }])
    expect(run.instance(one)).toMatchObject({ credential: key5, credentialInUse: key4 })
    expect(replaced(run).instance(one)).toMatchObject({ credentialInUse: key5, rotation: null })
  })

  it('keeps a failed turn waiting until the last one has ended', () => {
    const run = move(rotating(2), key5)
    expect(replaced(run).typed()).toEqual([])
    expect(run.instance(one).phase).toMatchObject({ wait: 'rotating' })
    expect(replaced(run).typed()).toMatchObject([{ prompt: { purpose: 'resume' } }])
  })

  it('back to the credential in use is placed, too: the settings hold the other one', () => {
    const run = working(1)
    const before = held(run)
    move(placed(move(run, key4)), before)
    expect(run.later(timeouts.settingsReadMs).asked('replace-credential')).toMatchObject([
      { credential: before },
    ])
  })

  it('to the same credential follows when its secret changed during the first', () => {
    const run = placed(move(working(1), key4))
    const files = [...run.state.credentials.values()].map(({ id, kind }) => ({ id, kind }))
    run.when({ type: 'credentials-changed', credentials: files, changed: [key4] })
    expect(run.asked('replace-credential')).toEqual([])
    expect(settingsRead(run).asked('replace-credential')).toMatchObject([{ credential: key4 }])
    expect(run.instance(one).credentialInUse).toBeNull()
    expect(replaced(run).instance(one).credentialInUse).toBe(key4)
  })
})

describe('a prompt during a rotation', () => {
  const idle = () => {
    const run = new Run({ workerCount: 1 }, 3).allUp().confirmed(manager)
    move(run, null, one)
    return run.when({
      type: 'plan-submitted',
      tasks: [planned('a')],
      isComplete: true,
      ...run.from(manager),
    })
  }

  it('is typed when it is over, so that its first request uses the new credential', () => {
    const run = idle()
    expect(run.typed()).toEqual([])
    expect(run.instance(one).phase).toMatchObject({ name: 'prompted', awaits: 'rotation' })
    expect(replaced(run).typed()).toMatchObject([{ instance: one, tries: 1 }])
    expect(run.instance(one).phase).toMatchObject({ awaits: 'arrival', until: run.at + 15_000 })
  })

  it('is typed when it fails, with the old credential', () => {
    const run = placed(idle()).later(timeouts.settingsReadMs)
    expect(run.typed()).toMatchObject([{ instance: one, tries: 1 }])
    expect(run.instance(one).rotation).toBeNull()
  })
})

describe('a login', () => {
  const logins = (kinds: readonly string[]) => {
    const run = new Run({ workerCount: 1 }, 2).allUp().confirmed(manager)
    const credentials = kinds.map((kind, index) => ({
      id: CredentialId(`key-${index + 1}`),
      kind,
    }))
    return run.when({ type: 'credentials-changed', credentials, changed: [] })
  }

  it('is taken back once Claude Code uses another kind of credential, and not before', () => {
    const run = logins(['api-key', 'login', 'api-key'])
    expect(held(run)).toBe('key-2')
    expect(move(run, CredentialId('key-3')).asked('take-login-back')).toEqual([])
    expect(placed(run).asked('take-login-back')).toEqual([])
    expect(settingsRead(run).asked('take-login-back')).toMatchObject([{ instance: one }])
  })

  it('that replaces another login needs no read of the settings', () => {
    const run = logins(['api-key', 'login', 'login'])
    move(run, CredentialId('key-3'))
    run.when({ type: 'credential-replaced', credential: held(run), ...run.from(one) })
    expect(run.asked('take-login-back')).toEqual([])
    expect(run.instance(one)).toMatchObject({ credentialInUse: 'key-3', rotation: null })
  })

  it('is not looked for after a rotation between other kinds', () => {
    const run = rotating()
    expect(replaced(run).asked('take-login-back')).toEqual([])
  })
})
