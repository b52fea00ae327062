import type { CredentialId } from '../core/model/ids.ts'

/** The kinds of credential that a file may hold. */
export type CredentialKind = 'api-key' | 'auth-token' | 'oauth-token' | 'login'

export interface CredentialEntry {
  readonly id: CredentialId
  readonly kind: CredentialKind
}

/** A problem of the pool that the operator must fix; it never quotes a secret. */
export interface CredentialProblem {
  readonly file: string
  readonly key: string | null
  /** Completes a sentence that starts with the file's name: `is empty`. */
  readonly what: string
  readonly remedy: string
}

export interface VaultChange {
  /** The pool as it is now. */
  readonly credentials: readonly CredentialEntry[]
  /** Credentials whose environment differs from the one last given out under this name. */
  readonly changed: readonly CredentialId[]
  /** Credentials that have just left the pool; an instance that holds one may keep it. */
  readonly gone: readonly CredentialId[]
  /** All current problems, including those reported before. */
  readonly problems: readonly CredentialProblem[]
}

/** `known` when the login is not newer than the vault's. */
export type KeptLogin =
  | { readonly type: 'kept' | 'known' }
  /** Completes a sentence that starts with the offered login; the vault's login is unchanged. */
  | { readonly type: 'refused'; readonly reason: string }

/** Keeps the secrets; only `environmentOf` and `loginOf` give any out. */
export interface Vault {
  list(): readonly CredentialEntry[]
  /**
   * Environment variables for Claude Code. Unused credential names are present and empty, which
   * switches them off. A credential that has left the pool keeps its last value here.
   */
  environmentOf(credential: CredentialId): Readonly<Record<string, string>>
  /**
   * The current content of the credential's `.credentials.json`; null for a credential of another
   * kind.
   */
  loginOf(credential: CredentialId): string | null
  /**
   * Takes in a login as the instance that holds it has renewed it, and writes it to the operator's
   * own file. It may come from a hostile instance. Rejects when the file cannot be written: then
   * only that instance has the new login.
   */
  keepLogin(credential: CredentialId, text: string): Promise<KeptLogin>
  /** Every secret value that was ever held, for redaction. */
  secrets(): readonly string[]
  /**
   * Watches the pool and reports every change, from what has changed since it was opened. The
   * listener is never called from within this call.
   */
  watch(listener: (change: VaultChange) => void): Disposable
}
