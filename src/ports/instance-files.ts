import type { CredentialId, InstanceId } from '../core/model/ids.ts'

/**
 * A credential that Claude Code renews by itself. The instance that holds it has it as a file, and
 * no other instance may use it meanwhile.
 */
export interface Login {
  readonly id: CredentialId
  /** The whole `.credentials.json`. */
  readonly text: string
}

/**
 * Logins in instances, running or not. The id of an instance's login is what the server put there;
 * its text is what the instance has made of it.
 */
export interface Logins {
  place(instance: InstanceId, login: Login): Promise<void>
  look(instance: InstanceId): Promise<Login | null>
  /** Removes the instance's login and returns its last text; null when none was put there. */
  take(instance: InstanceId): Promise<Login | null>
  borrowersOf(credential: CredentialId): Promise<readonly InstanceId[]>
  /** Reports texts as they change, from the first one seen of an instance, until disposed. */
  watch(listener: (instance: InstanceId, login: Login) => void): Disposable
}

/** Files that an instance reads, and renews, while it runs. */
export interface InstanceFiles {
  readonly logins: Logins
  /** Replaces the variables of a running launch's credential without disturbing it. */
  replaceCredential(
    instance: InstanceId,
    environment: Readonly<Record<string, string>>,
  ): Promise<void>
}
