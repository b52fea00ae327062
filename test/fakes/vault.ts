import type { CredentialId } from '../../src/core/ids.ts'
import type { CredentialEntry, Vault } from '../../src/ports/vault.ts'

export interface FakeCredential extends CredentialEntry {
  readonly secret: string
}

const variables = {
  'api-key': 'ANTHROPIC_API_KEY',
  'auth-token': 'ANTHROPIC_AUTH_TOKEN',
  'oauth-token': 'CLAUDE_CODE_OAUTH_TOKEN',
  login: 'CLAUDE_CODE_OAUTH_TOKEN',
} as const

export function createFakeVault(credentials: readonly FakeCredential[]): Vault {
  const blank = { ANTHROPIC_API_KEY: '', ANTHROPIC_AUTH_TOKEN: '', CLAUDE_CODE_OAUTH_TOKEN: '', ANTHROPIC_BASE_URL: '' }
  return {
    list: () => credentials.map(({ id, kind }) => ({ id, kind })),
    environmentOf(credential: CredentialId) {
      const found = credentials.find(({ id }) => id === credential)
      if (!found) throw new Error(`there is no credential ${credential} in the vault`)
      return { ...blank, [variables[found.kind]]: found.secret }
    },
    secrets: () => credentials.map(({ secret }) => secret),
  }
}
