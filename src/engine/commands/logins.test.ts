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

/** `confirms`: Claude Code reports that it has read changed settings. */
function stage({ confirms = true } = {}) {
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
        if (!confirms) return
        const event = { type: 'settings-read', at: clock.now(), instance, launch: 1 } as const
        agentStatus.onChange({ before: state, after: state, entry: { ...entry, event } })
      },
    },
  }
  const parts = { ...runtime, vault, agentStatus, clock }
  const rotateTo = (credential: CredentialId) =>
    rotateCredential({ type: 'replace-credential', instance: one, launch: 1, credential }, parts)
  return { runtime, vault, parts, rotateTo }
}
const refreshTokenOf = (login: Login | null): string | undefined =>
  /"refreshToken":"([^"]+)"/.exec(login?.text ?? '')?.[1]

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
  it('from one login to another takes the first back and waits for no confirmation', async () => {
    const { runtime, vault, rotateTo } = stage({ confirms: false })
    await runtime.files.logins.place(one, { id: alice, text: textOf('alice-2', 2) })
    expect(await rotateTo(bob)).toMatchObject({ type: 'credential-replaced', credential: bob })
    expect(refreshTokenOf(await runtime.files.logins.look(one))).toBe('bob-1')
    expect(await runtime.files.logins.borrowersOf(alice)).toEqual([])
    expect(vault.loginOf(alice)).toContain('alice-2')
  })

  it('from a login takes it back once Claude Code has read the new settings', async () => {
    const { runtime, vault, rotateTo } = stage()
    expect(await rotateTo(alice)).toMatchObject({ type: 'credential-replaced' })
    expect(refreshTokenOf(await runtime.files.logins.look(one))).toBe('alice-1')
    runtime.renew(one, textOf('alice-2', 2))
    expect(await rotateTo(key)).toMatchObject({ type: 'credential-replaced' })
    expect(await runtime.files.logins.look(one)).toBeNull()
    expect(vault.loginOf(alice)).toContain('alice-2')
  })

  it('from a login leaves it in the instance when the settings were not read', async () => {
    const { runtime, rotateTo } = stage({ confirms: false })
    await runtime.files.logins.place(one, { id: alice, text: textOf('alice-1') })
    expect(await rotateTo(key)).toMatchObject({ type: 'credential-not-replaced' })
    expect(await runtime.files.logins.look(one)).not.toBeNull()
  })

  it('to the same login brings the text that the operator has replaced', async () => {
    const { runtime, vault, rotateTo } = stage({ confirms: false })
    await runtime.files.logins.place(one, { id: alice, text: textOf('alice-1') })
    vault.replace([{ id: alice, kind: 'login', secret: 'alice-again' }])
    expect(await rotateTo(alice)).toMatchObject({ type: 'credential-replaced' })
    expect(refreshTokenOf(await runtime.files.logins.look(one))).toBe('alice-again')
  })
})
