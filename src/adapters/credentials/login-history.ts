import { isSameLogin, type Login } from '../../claude/launch/login.ts'
import type { CredentialId } from '../../core/model/ids.ts'

/**
 * Claude Code renews a login every few hours. Only a hostile instance does it all the time, and
 * every version costs memory.
 */
export const mostPerHour = 100
const hourMs = 3_600_000

/** Every login that a credential has ever had: an instance that offers one has nothing new. */
export class LoginHistory {
  readonly #logins = new Map<CredentialId, (Login & { readonly since: number })[]>()

  has(credential: CredentialId, login: Login): boolean {
    return this.#of(credential).some((known) => isSameLogin(known, login))
  }

  /** True when the credential had more than `mostPerHour` new logins in the last hour. */
  isFull(credential: CredentialId, now: number): boolean {
    return this.#of(credential).filter(({ since }) => since > now - hourMs).length > mostPerHour
  }

  add(credential: CredentialId, login: Login): void {
    if (this.has(credential, login)) return
    this.#logins.set(credential, [...this.#of(credential), { ...login, since: Date.now() }])
  }

  #of(credential: CredentialId) {
    return this.#logins.get(credential) ?? []
  }
}
