import type { CredentialId } from '../core/ids.ts'

/** The shapes in which a credential file may come. */
export type CredentialKind = 'api-key' | 'auth-token' | 'oauth-token' | 'login'

export interface CredentialEntry {
  readonly id: CredentialId
  readonly kind: CredentialKind
}

/** Keeps the secrets; only `environmentOf` hands any out. */
export interface Vault {
  list(): readonly CredentialEntry[]
  /** Environment variables for Claude Code; the unused credential names are present and empty, so that they switch off. */
  environmentOf(credential: CredentialId): Readonly<Record<string, string>>
  /** Every secret value held, for redaction. */
  secrets(): readonly string[]
}
