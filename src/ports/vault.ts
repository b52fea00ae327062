import type { CredentialId } from '../core/model/ids.ts'

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

/** `known` when there is nothing new in it. */
export type KeptLogin =
  | { readonly type: 'kept' | 'known' }
  /** Continues the sentence that what was offered begins; the login stays what it was. */
  | { readonly type: 'refused'; readonly reason: string }

/** Keeps the secrets; only `environmentOf` and `loginOf` hand any out. */
export interface Vault {
  list(): readonly CredentialEntry[]
  /**
   * Environment variables for Claude Code; the unused credential names are present and empty, so that they switch off. A credential that has
   * left the pool keeps its last value here.
   */
  environmentOf(credential: CredentialId): Readonly<Record<string, string>>
  /** What Claude Code keeps in its `.credentials.json`, as it is now; null for a credential of another kind. */
  loginOf(credential: CredentialId): string | null
  /**
   * Takes in a login as the instance that holds it has renewed it, and puts it into the operator's own file; it may come from a hostile
   * instance. Fails when the file cannot be written: then nobody has it but that instance.
   */
  keepLogin(credential: CredentialId, text: string): Promise<KeptLogin>
  /** Every secret value that was ever held, for redaction. */
  secrets(): readonly string[]
  /** Follows the pool and tells of every change, beginning with what has changed since it was opened; it never tells from within this call. */
  watch(listener: (change: VaultChange) => void): Disposable
}
