import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findFiles } from '../../src/adapters/credentials/find-files.ts'
import { openVault } from '../../src/adapters/credentials/vault.ts'
import { CredentialId } from '../../src/core/ids.ts'
import type { Vault } from '../../src/ports/vault.ts'
import { createFakeVault } from '../fakes/vault.ts'
import type { FakeCredential } from '../fakes/vault.ts'

const credentials: readonly FakeCredential[] = [
  { id: CredentialId('gateway'), kind: 'auth-token', secret: 'fake-gateway-token-1' },
  { id: CredentialId('key'), kind: 'api-key', secret: 'sk-ant-api03-fake-key-2' },
  { id: CredentialId('setup'), kind: 'oauth-token', secret: 'sk-ant-oat01-fake-token-3' },
]

const texts: Readonly<Record<string, string>> = {
  'gateway.json': JSON.stringify({ env: { ANTHROPIC_AUTH_TOKEN: 'fake-gateway-token-1' } }),
  'key.txt': 'sk-ant-api03-fake-key-2\n',
  'setup.json': JSON.stringify({ env: { CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-fake-token-3' } }),
}

async function openVaultOnFiles(): Promise<Vault> {
  const directory = await mkdtemp(join(tmpdir(), 'vault-'))
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => rm(directory, { recursive: true }))
  for (const [name, text] of Object.entries(texts)) await writeFile(join(directory, name), text, { mode: 0o600 })
  const { vault, problems } = await openVault(await findFiles('*', directory))
  expect(problems).toEqual([])
  return vault
}

const vaults: Readonly<Record<string, () => Promise<Vault>>> = {
  'the vault of credential files': openVaultOnFiles,
  'the fake vault': () => Promise.resolve(createFakeVault(credentials)),
}

describe.each(Object.entries(vaults))('%s', (_, open) => {
  it('lists every credential with its kind and nothing else', async () => {
    const vault = await open()
    expect(vault.list()).toEqual(credentials.map(({ id, kind }) => ({ id, kind })))
  })

  it.each([
    ['gateway', { ANTHROPIC_AUTH_TOKEN: 'fake-gateway-token-1', ANTHROPIC_API_KEY: '', CLAUDE_CODE_OAUTH_TOKEN: '' }],
    ['key', { ANTHROPIC_API_KEY: 'sk-ant-api03-fake-key-2', ANTHROPIC_AUTH_TOKEN: '', CLAUDE_CODE_OAUTH_TOKEN: '' }],
    ['setup', { CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-fake-token-3', ANTHROPIC_AUTH_TOKEN: '', ANTHROPIC_API_KEY: '' }],
  ])('hands out %s and switches the other kinds off', async (id, environment) => {
    const vault = await open()
    expect(vault.environmentOf(CredentialId(id))).toMatchObject(environment)
  })

  it('gives every credential the same names, so that a switch leaves nothing of the last one behind', async () => {
    const vault = await open()
    const names = vault.list().map(({ id }) => Object.keys(vault.environmentOf(id)).toSorted())
    expect(names).toEqual(names.map(() => names[0]))
    expect(names[0]).toContain('ANTHROPIC_BASE_URL')
  })

  it('knows every secret for redaction', async () => {
    const vault = await open()
    expect(vault.secrets().toSorted()).toEqual(credentials.map(({ secret }) => secret).toSorted())
  })

  it('refuses a credential that it does not hold, by name', async () => {
    const vault = await open()
    expect(() => vault.environmentOf(CredentialId('stranger'))).toThrow('stranger')
  })
})
