import type { CredentialId } from '../core/ids.ts'

/** The shapes in which a credential file may come. */
export type CredentialKind = 'api-key' | 'auth-token' | 'oauth-token' | 'login'

export interface CredentialEntry {
  readonly id: CredentialId
  readonly kind: CredentialKind
}

/** What an operator must put right in the pool; it never quotes a secret. */
export interface CredentialProblem {
  readonly file: string
  readonly key: string | null
  /** Continues the sentence that the file begins: `is empty`. */
  readonly what: string
  readonly remedy: string
}

export interface VaultChange {
  /** The pool as it is now. */
  readonly credentials: readonly CredentialEntry[]
  /** Those whose environment is another than the one last handed out under this name. */
  readonly changed: readonly CredentialId[]
  /** Those that have just left the pool; whoever holds one may keep it. */
  readonly gone: readonly CredentialId[]
  /** Everything that is wrong now, also what was wrong before. */
  readonly problems: readonly CredentialProblem[]
}

/** Keeps the secrets; only `environmentOf` hands any out. */
export interface Vault {
  list(): readonly CredentialEntry[]
  /**
   * Environment variables for Claude Code; the unused credential names are present and empty, so that they switch off. A credential that has
   * left the pool keeps its last value here.
   */
  environmentOf(credential: CredentialId): Readonly<Record<string, string>>
  /** Every secret value that was ever held, for redaction. */
  secrets(): readonly string[]
  /** Follows the pool and tells of every change, beginning with what has changed since it was opened; it never tells from within this call. */
  watch(listener: (change: VaultChange) => void): Disposable
}
