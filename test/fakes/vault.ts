import type { CredentialId } from '../../src/core/model/ids.ts'
import type { CredentialEntry, Vault, VaultChange } from '../../src/ports/vault.ts'

export interface FakeCredential extends CredentialEntry {
  readonly secret: string
}

const variables = {
  'api-key': 'ANTHROPIC_API_KEY',
  'auth-token': 'ANTHROPIC_AUTH_TOKEN',
  'oauth-token': 'CLAUDE_CODE_OAUTH_TOKEN',
} as const

export interface FakeVault extends Vault {
  /** Makes this the pool, as when files change. */
  replace(credentials: readonly FakeCredential[]): void
}

export function createFakeVault(credentials: readonly FakeCredential[]): FakeVault {
  const blank = {
    ANTHROPIC_API_KEY: '',
    ANTHROPIC_AUTH_TOKEN: '',
    CLAUDE_CODE_OAUTH_TOKEN: '',
    ANTHROPIC_BASE_URL: '',
  }
  const listeners = new Set<(change: VaultChange) => void>()
  const last = new Map(credentials.map((credential) => [credential.id, credential]))
  const secrets = new Set(credentials.map(({ secret }) => secret))
  let pool = credentials
  const list = () => pool.map(({ id, kind }) => ({ id, kind }))
  return {
    list,
    environmentOf(credential: CredentialId) {
      const found = last.get(credential)
      if (!found) throw new Error(`there is no credential ${credential} in the vault`)
      return found.kind === 'login' ? blank : { ...blank, [variables[found.kind]]: found.secret }
    },
    loginOf(credential) {
      const found = last.get(credential)
      return found?.kind === 'login' ? textOf(found.secret) : null
    },
    keepLogin(credential, text) {
      const found = last.get(credential)
      if (found?.kind !== 'login')
        return Promise.resolve({ type: 'refused', reason: 'is a login where none was given' })
      const secret = secretIn(text)
      if (secret !== null && secrets.has(secret)) return Promise.resolve({ type: 'known' })
      if (secret === null) return Promise.resolve({ type: 'refused', reason: 'is not a login' })
      last.set(credential, { ...found, secret })
      secrets.add(secret)
      return Promise.resolve({ type: 'kept' })
    },
    secrets: () => [...secrets],
    watch(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => listeners.delete(listener) }
    },
    replace(now) {
      const changed = now
        .filter(({ id, secret }) => last.has(id) && last.get(id)?.secret !== secret)
        .map(({ id }) => id)
      const gone = pool.filter(({ id }) => !now.some((one) => one.id === id)).map(({ id }) => id)
      pool = now
      for (const credential of now) {
        last.set(credential.id, credential)
        secrets.add(credential.secret)
      }
      for (const listener of listeners)
        listener({ credentials: list(), changed, gone, problems: [] })
    },
  }
}

/** A login as Claude Code keeps it, identified by its refresh token. */
export const textOf = (refreshToken: string, hours = 1): string =>
  JSON.stringify({
    claudeAiOauth: {
      accessToken: `${refreshToken}-access`,
      refreshToken,
      expiresAt: Date.now() + hours * 3_600_000,
      scopes: ['user:inference'],
    },
  })

const secretIn = (text: string): string | null =>
  /"refreshToken":"([^"]+)".*\}\}$/.exec(text)?.[1] ?? null
