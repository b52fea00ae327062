import { describe, expect, it } from 'vitest'
import { createFakeRuntime } from '../../../test/fakes/runtime.ts'
import { createSkippingClock } from '../../../test/fakes/skipping-clock.ts'
import { createFakeVault, textOf } from '../../../test/fakes/vault.ts'
import { Run } from '../../../test/support/run.ts'
import { CredentialId, type InstanceId, workerId } from '../../core/model/ids.ts'
import { reasonOf } from '../../lib/reason.ts'
import type { Login } from '../../ports/instance-files.ts'
import { claimLogin, storeRenewals, takeLoginBack } from './logins.ts'
import { AgentStatusTracker } from '../observe/agent-status.ts'
import { rotateCredential } from './rotate-credential.ts'

const [one, two] = [workerId(1), workerId(2)]
const [alice, bob, key] = [CredentialId('alice'), CredentialId('bob'), CredentialId('key')]

/** `hears`: Claude Code says so when its settings have become others. */
function stage({ hears = true } = {}) {
  const fake = createFakeRuntime()
  const vault = createFakeVault([
    { id: alice, kind: 'login', secret: 'alice-1' },
    { id: bob, kind: 'login', secret: 'bob-1' },
    { id: key, kind: 'api-key', secret: 'sk-ant-api03-fake' },
  ])
  const clock = createSkippingClock()
  const agentStatus = new AgentStatusTracker(clock)
  const entry = { sequence: 1, commands: [], reply: null, ignored: null } as const
  const { state } = new Run()
  const runtime = {
    ...fake,
    files: {
      ...fake.files,
      async replaceCredential(instance: InstanceId, environment: Readonly<Record<string, string>>) {
        await fake.files.replaceCredential(instance, environment)
        if (!hears) return
        const event = { type: 'settings-read', at: clock.now(), instance, launch: 1 } as const
        agentStatus.onChange({ before: state, after: state, entry: { ...entry, event } })
      },
    },
  }
  const parts = { ...runtime, vault, agentStatus, clock }
  const swapTo = (credential: CredentialId) =>
    rotateCredential({ type: 'replace-credential', instance: one, launch: 1, credential }, parts)
  return { runtime, vault, parts, swapTo }
}
const refreshTokenOf = (login: Login | null): string | undefined =>
  /"refreshToken":"([^"]+)"/.exec(login?.text ?? '')?.[1]

describe('the login of an instance', () => {
  it('is nothing for a credential of another kind', async () => {
    expect(await claimLogin(stage().parts, key, one)).toBeNull()
  })

  it('is what the last one who had it made of it, who has it no more', async () => {
    const { runtime, vault, parts } = stage()
    await runtime.files.logins.place(two, { id: alice, text: textOf('alice-2', 2) })
    expect(refreshTokenOf(await claimLogin(parts, alice, one))).toBe('alice-2')
    expect(await runtime.files.logins.look(two)).toBeNull()
    expect(vault.secrets()).toContain('alice-2')
  })

  it('is what the instance itself made of it before its last launch ended', async () => {
    const { runtime, parts } = stage()
    await runtime.files.logins.place(one, { id: alice, text: textOf('alice-2', 2) })
    expect(refreshTokenOf(await claimLogin(parts, alice, one))).toBe('alice-2')
  })

  it('stays where it is when it could not be kept', async () => {
    const { runtime, vault } = stage()
    await runtime.files.logins.place(one, { id: alice, text: textOf('alice-2', 2) })
    const keepLogin = () => Promise.reject(new Error('the disk is full'))
    await expect(
      takeLoginBack({ ...runtime, vault: { ...vault, keepLogin } }, one),
    ).rejects.toThrow('the disk is full')
    expect(refreshTokenOf(await runtime.files.logins.look(one))).toBe('alice-2')
  })

  it('is kept as it is renewed; what is no renewal, or cannot be kept, is told without a secret', async () => {
    const { runtime, vault, parts } = stage()
    const troubles: unknown[] = []
    using _keeping = storeRenewals(parts, {
      onProblem: (trouble, error) => troubles.push(`${trouble}: ${reasonOf(error)}`),
    })
    await runtime.files.logins.place(one, { id: alice, text: textOf('alice-1') })
    runtime.renew(one, textOf('alice-2', 2))
    expect(vault.loginOf(alice)).toContain('alice-2')
    runtime.renew(one, 'torn alice-3')
    await Promise.resolve()
    expect(troubles).toEqual([
      'the login alice as renewed by worker-1 was not stored: it is not a login',
    ])
    expect(vault.loginOf(alice)).toContain('alice-2')
    expect(vault.loginOf(bob)).toContain('bob-1')
  })
})

describe('a swap', () => {
  it('from one login to another takes the first back, and waits for no settings to be read', async () => {
    const { runtime, vault, swapTo } = stage({ hears: false })
    await runtime.files.logins.place(one, { id: alice, text: textOf('alice-2', 2) })
    expect(await swapTo(bob)).toMatchObject({ type: 'credential-replaced', credential: bob })
    expect(refreshTokenOf(await runtime.files.logins.look(one))).toBe('bob-1')
    expect(await runtime.files.logins.borrowersOf(alice)).toEqual([])
    expect(vault.loginOf(alice)).toContain('alice-2')
  })

  it('to a login and away from it takes it back once the settings were read', async () => {
    const { runtime, vault, swapTo } = stage()
    expect(await swapTo(alice)).toMatchObject({ type: 'credential-replaced' })
    expect(refreshTokenOf(await runtime.files.logins.look(one))).toBe('alice-1')
    runtime.renew(one, textOf('alice-2', 2))
    expect(await swapTo(key)).toMatchObject({ type: 'credential-replaced' })
    expect(await runtime.files.logins.look(one)).toBeNull()
    expect(vault.loginOf(alice)).toContain('alice-2')
  })

  it('away from a login leaves it where the settings were not read', async () => {
    const { runtime, swapTo } = stage({ hears: false })
    await runtime.files.logins.place(one, { id: alice, text: textOf('alice-1') })
    expect(await swapTo(key)).toMatchObject({ type: 'credential-not-replaced' })
    expect(await runtime.files.logins.look(one)).not.toBeNull()
  })

  it('to the same login brings what its operator put there', async () => {
    const { runtime, vault, swapTo } = stage({ hears: false })
    await runtime.files.logins.place(one, { id: alice, text: textOf('alice-1') })
    vault.replace([{ id: alice, kind: 'login', secret: 'alice-again' }])
    expect(await swapTo(alice)).toMatchObject({ type: 'credential-replaced' })
    expect(refreshTokenOf(await runtime.files.logins.look(one))).toBe('alice-again')
  })
})
