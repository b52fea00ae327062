import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openVault } from '../../src/adapters/credentials/vault.ts'
import { CredentialId } from '../../src/core/model/ids.ts'
import type { Vault, VaultChange } from '../../src/ports/vault.ts'
import { createFakeVault, textOf, type FakeCredential } from '../fakes/vault.ts'

const credentials: readonly FakeCredential[] = [
  { id: CredentialId('gateway'), kind: 'auth-token', secret: 'fake-gateway-token-1' },
  { id: CredentialId('key'), kind: 'api-key', secret: 'sk-ant-api03-fake-key-2' },
  { id: CredentialId('setup'), kind: 'oauth-token', secret: 'sk-ant-oat01-fake-token-3' },
]

interface Opened {
  readonly vault: Vault
  readonly replace: (now: readonly FakeCredential[]) => Promise<void>
}

let opened = new AsyncDisposableStack()
afterEach(async () => {
  await opened.disposeAsync()
  opened = new AsyncDisposableStack()
})

async function openVaultOnFiles(): Promise<Opened> {
  const directory = await mkdtemp(join(tmpdir(), 'vault-'))
  opened.defer(() => rm(directory, { recursive: true }))
  const place = async ({ id, kind, secret }: FakeCredential): Promise<void> => {
    const settings = JSON.stringify({ env: { ANTHROPIC_AUTH_TOKEN: secret } })
    const text =
      kind === 'auth-token' ? settings : kind === 'login' ? textOf(secret) : `${secret}\n`
    await writeFile(join(directory, `.${id}`), text, { mode: 0o600 })
    await rename(join(directory, `.${id}`), join(directory, `${id}.json`))
  }
  await Promise.all(credentials.map(place))
  const { vault, problems } = await openVault({ pattern: '*', directory })
  expect(problems).toEqual([])
  const replace = async (now: readonly FakeCredential[]): Promise<void> => {
    const gone = vault.list().filter(({ id }) => !now.some((one) => one.id === id))
    await Promise.all([
      ...now.map(place),
      ...gone.map(({ id }) => rm(join(directory, `${id}.json`))),
    ])
  }
  return { vault, replace }
}

function openFakeVault(): Opened {
  const vault = createFakeVault(credentials)
  return { vault, replace: (now) => Promise.resolve(vault.replace(now)) }
}

const vaults: Readonly<Record<string, () => Opened | Promise<Opened>>> = {
  'the vault of credential files': openVaultOnFiles,
  'the fake vault': openFakeVault,
}

describe.each(Object.entries(vaults))('%s', (_, open) => {
  it('lists every credential with its kind and nothing else', async () => {
    const { vault } = await open()
    expect(vault.list()).toEqual(credentials.map(({ id, kind }) => ({ id, kind })))
  })

  it.each([
    [
      'gateway',
      {
        ANTHROPIC_AUTH_TOKEN: 'fake-gateway-token-1',
        ANTHROPIC_API_KEY: '',
        CLAUDE_CODE_OAUTH_TOKEN: '',
      },
    ],
    [
      'key',
      {
        ANTHROPIC_API_KEY: 'sk-ant-api03-fake-key-2',
        ANTHROPIC_AUTH_TOKEN: '',
        CLAUDE_CODE_OAUTH_TOKEN: '',
      },
    ],
    [
      'setup',
      {
        CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-fake-token-3',
        ANTHROPIC_AUTH_TOKEN: '',
        ANTHROPIC_API_KEY: '',
      },
    ],
  ])('hands out %s and switches the other kinds off', async (id, environment) => {
    const { vault } = await open()
    expect(vault.environmentOf(CredentialId(id))).toMatchObject(environment)
  })

  it('gives every credential the same names, so that a switch leaves nothing of the last one behind', async () => {
    const { vault } = await open()
    const names = vault.list().map(({ id }) => Object.keys(vault.environmentOf(id)).toSorted())
    expect(names).toEqual(names.map(() => names[0]))
    expect(names[0]).toContain('ANTHROPIC_BASE_URL')
  })

  it('knows every secret for redaction', async () => {
    const { vault } = await open()
    expect(vault.secrets().toSorted()).toEqual(credentials.map(({ secret }) => secret).toSorted())
  })

  it('refuses a credential that it does not hold, by name', async () => {
    const { vault } = await open()
    expect(() => vault.environmentOf(CredentialId('stranger'))).toThrow('stranger')
  })
  it('reports what came, changed and went, returns the new value and keeps the last one of what went', async () => {
    const { vault, replace } = await open()
    const changes: VaultChange[] = []
    using _watching = vault.watch((change) => changes.push(change))
    const [gateway, key, setup] = credentials as readonly [
      FakeCredential,
      FakeCredential,
      FakeCredential,
    ]
    const more: FakeCredential = {
      id: CredentialId('more'),
      kind: 'api-key',
      secret: 'sk-ant-api03-fake-key-4',
    }
    const renewed = { ...gateway, secret: 'fake-gateway-token-5' }
    await replace([renewed, key, more])

    const now = [gateway, key, more].map(({ id, kind }) => ({ id, kind }))
    await vi.waitFor(() => expect(vault.list()).toEqual(now), { timeout: 55_000 })
    await vi.waitFor(() => expect(changes.at(-1)?.credentials).toEqual(now), { timeout: 55_000 })
    expect(changes.flatMap(({ changed }) => changed)).toEqual([gateway.id])
    expect(changes.flatMap(({ gone }) => gone)).toEqual([setup.id])
    expect(vault.environmentOf(gateway.id)).toMatchObject({ ANTHROPIC_AUTH_TOKEN: renewed.secret })
    expect(vault.environmentOf(setup.id)).toMatchObject({ CLAUDE_CODE_OAUTH_TOKEN: setup.secret })
    expect(vault.secrets()).toEqual(
      expect.arrayContaining([gateway.secret, renewed.secret, setup.secret, more.secret]),
    )
  })

  it('hands out a login as a file, and takes in what an instance made of it, if it is a renewal', async () => {
    const { vault, replace } = await open()
    using _watching = vault.watch(() => undefined)
    const login: FakeCredential = {
      id: CredentialId('login'),
      kind: 'login',
      secret: 'fake-refresh-6',
    }
    await replace([...credentials, login])
    await vi.waitFor(() => expect(vault.list()).toContainEqual({ id: login.id, kind: 'login' }), {
      timeout: 5_000,
    })
    expect(vault.loginOf(login.id)).toContain(`"refreshToken":"${login.secret}"`)
    expect(new Set(Object.values(vault.environmentOf(login.id)))).toEqual(new Set(['']))

    const renewal = textOf('fake-refresh-7', 2)
    expect(await vault.keepLogin(login.id, renewal.slice(0, -4))).toMatchObject({ type: 'refused' })
    expect(await vault.keepLogin(login.id, renewal)).toEqual({ type: 'kept' })
    expect(await vault.keepLogin(login.id, renewal)).toEqual({ type: 'known' })
    expect(vault.loginOf(login.id)).toContain('"refreshToken":"fake-refresh-7"')
    expect(vault.secrets()).toEqual(expect.arrayContaining([login.secret, 'fake-refresh-7']))
  })

  it('knows no login where the credential is none, and takes none in for it', async () => {
    const { vault } = await open()
    const key = CredentialId('key')
    expect(vault.loginOf(key)).toBeNull()
    expect(await vault.keepLogin(key, textOf('fake-refresh-8'))).toMatchObject({ type: 'refused' })
    expect(vault.environmentOf(key)).toMatchObject({ ANTHROPIC_API_KEY: 'sk-ant-api03-fake-key-2' })
  })
})
