import { describe, expect, it } from 'vitest'
import { createFakeRuntime } from '../../../test/fakes/runtime.ts'
import { createSkippingClock } from '../../../test/fakes/skipping-clock.ts'
import { createFakeVault, textOf } from '../../../test/fakes/vault.ts'
import { Run } from '../../../test/support/run.ts'
import { CredentialId, workerId } from '../../core/model/ids.ts'
import { begun } from '../../core/model/rotation.ts'
import { reasonOf } from '../../lib/reason.ts'
import type { Login } from '../../ports/instance-files.ts'
import { claimLogin, storeRenewals, takeLoginBack } from './logins.ts'
import { rotateCredential } from './rotate-credential.ts'

const [one, two] = [workerId(1), workerId(2)]
const [alice, bob, key] = [CredentialId('alice'), CredentialId('bob'), CredentialId('key')]

/** `inUse`: the credential that Claude Code uses, according to the state. */
function stage({ inUse = null }: { readonly inUse?: CredentialId | null } = {}) {
  const fake = createFakeRuntime()
  const vault = createFakeVault([
    { id: alice, kind: 'login', secret: 'alice-1' },
    { id: bob, kind: 'login', secret: 'bob-1' },
    { id: key, kind: 'api-key', secret: 'sk-ant-api03-fake' },
  ])
  const clock = createSkippingClock()
  const { state } = new Run()
  const known = state.instances.get(one)
  if (known === undefined) throw new Error('the run has no worker')
  const worker = { ...known, launch: 1, credentialInUse: inUse }
  const parts = { ...fake, vault, clock, state: () => state }
  /** While the state waits for `awaited`, and the instance leases `leased`. */
  const rotateTo = (
    credential: CredentialId,
    awaited = credential,
    { leased = credential }: { readonly leased?: CredentialId | null } = {},
  ) => {
    const rotation = begun(awaited, 0)
    const instances = state.instances.with({ ...worker, credential: leased, rotation })
    return rotateCredential(
      { type: 'replace-credential', instance: one, launch: 1, credential },
      { ...parts, state: () => ({ ...state, instances }) },
    )
  }
  return { runtime: fake, vault, parts, rotateTo }
}
const refreshTokenOf = (login: Login | null): string | undefined =>
  /"refreshToken":"([^"]+)"/.exec(login?.text ?? '')?.[1]

describe('a login that an instance no longer leases', () => {
  it('is not taken from the instance that uses it now', async () => {
    const { runtime, rotateTo } = stage()
    await runtime.files.logins.place(two, { id: alice, text: textOf('alice-1') })
    const event = await rotateTo(alice, alice, { leased: null })
    expect(event).toMatchObject({ type: 'credential-not-replaced', credential: alice })
    expect(await runtime.files.logins.look(two)).not.toBeNull()
    expect(await runtime.files.logins.look(one)).toBeNull()
  })
})

describe('the login of an instance', () => {
  it('is null for a credential of another kind', async () => {
    expect(await claimLogin(stage().parts, key, one)).toBeNull()
  })

  it('is the newest text, and is removed from the instance that had it', async () => {
    const { runtime, vault, parts } = stage()
    await runtime.files.logins.place(two, { id: alice, text: textOf('alice-2', 2) })
    expect(refreshTokenOf(await claimLogin(parts, alice, one))).toBe('alice-2')
    expect(await runtime.files.logins.look(two)).toBeNull()
    expect(vault.secrets()).toContain('alice-2')
  })

  it('is the text that the instance itself renewed in an earlier launch', async () => {
    const { runtime, parts } = stage()
    await runtime.files.logins.place(one, { id: alice, text: textOf('alice-2', 2) })
    expect(refreshTokenOf(await claimLogin(parts, alice, one))).toBe('alice-2')
  })

  it('stays in the instance when it could not be stored', async () => {
    const { runtime, vault } = stage()
    await runtime.files.logins.place(one, { id: alice, text: textOf('alice-2', 2) })
    const keepLogin = () => Promise.reject(new Error('the disk is full'))
    await expect(
      takeLoginBack({ ...runtime, vault: { ...vault, keepLogin } }, one),
    ).rejects.toThrow('the disk is full')
    expect(refreshTokenOf(await runtime.files.logins.look(one))).toBe('alice-2')
  })

  it('is stored when it is renewed; a failure is reported without a secret', async () => {
    const { runtime, vault, parts } = stage()
    const problems: unknown[] = []
    using _keeping = storeRenewals(parts, {
      onProblem: (what, error) => problems.push(`${what}: ${reasonOf(error)}`),
    })
    await runtime.files.logins.place(one, { id: alice, text: textOf('alice-1') })
    runtime.renew(one, textOf('alice-2', 2))
    expect(vault.loginOf(alice)).toContain('alice-2')
    runtime.renew(one, 'torn alice-3')
    await Promise.resolve()
    expect(problems).toEqual([
      'the login alice, renewed by worker-1, was not stored: it is not a login',
    ])
    expect(vault.loginOf(alice)).toContain('alice-2')
    expect(vault.loginOf(bob)).toContain('bob-1')
  })
})

describe('a rotation', () => {
  it('from one login to another takes the first back and needs no confirmation', async () => {
    const { runtime, vault, rotateTo } = stage({ inUse: alice })
    await runtime.files.logins.place(one, { id: alice, text: textOf('alice-2', 2) })
    expect(await rotateTo(bob)).toMatchObject({ type: 'credential-replaced', credential: bob })
    expect(refreshTokenOf(await runtime.files.logins.look(one))).toBe('bob-1')
    expect(await runtime.files.logins.borrowersOf(alice)).toEqual([])
    expect(vault.loginOf(alice)).toContain('alice-2')
  })

  it('to or from a login is confirmed by Claude Code and leaves the old one in place', async () => {
    const { runtime, vault, parts, rotateTo } = stage()
    expect(await rotateTo(alice)).toMatchObject({ type: 'credential-placed', credential: alice })
    expect(refreshTokenOf(await runtime.files.logins.look(one))).toBe('alice-1')
    runtime.renew(one, textOf('alice-2', 2))
    expect(await rotateTo(key)).toMatchObject({ type: 'credential-placed', credential: key })
    expect(await runtime.files.logins.look(one)).not.toBeNull()
    await takeLoginBack(parts, one)
    expect(await runtime.files.logins.look(one)).toBeNull()
    expect(vault.loginOf(alice)).toContain('alice-2')
  })

  it('to a login that a killed server has placed already is confirmed by Claude Code', async () => {
    const { runtime, rotateTo } = stage({ inUse: key })
    await runtime.files.logins.place(one, { id: alice, text: textOf('alice-1') })
    expect(await rotateTo(alice)).toMatchObject({ type: 'credential-placed' })
  })

  it('to the same login brings the text that the operator has replaced', async () => {
    const { runtime, vault, rotateTo } = stage()
    await runtime.files.logins.place(one, { id: alice, text: textOf('alice-1') })
    vault.replace([{ id: alice, kind: 'login', secret: 'alice-again' }])
    expect(await rotateTo(alice)).toMatchObject({ type: 'credential-replaced' })
    expect(refreshTokenOf(await runtime.files.logins.look(one))).toBe('alice-again')
  })

  it('that has ended meanwhile writes nothing', async () => {
    const { runtime, rotateTo } = stage()
    expect(await rotateTo(alice, key)).toBeNull()
    expect(await runtime.files.logins.look(one)).toBeNull()
  })
})
