import { createHmac, timingSafeEqual } from 'node:crypto'
import type { InstanceId, Launch } from '../../core/model/ids.ts'

/**
 * The tokens of launches. Each is computed from the server's secret: no token is stored, and after
 * a restart the server accepts the tokens of the instances that still run.
 */
export class LaunchTokens {
  readonly #secret: string
  readonly #newest = new Map<InstanceId, { readonly launch: Launch; readonly token: string }>()

  constructor(secret: string) {
    this.#secret = secret
  }

  tokenOf(instance: InstanceId, launch: Launch): string {
    const token = this.#sign(instance, launch)
    this.#remember(instance, launch, token)
    return token
  }

  /**
   * The tokens that may count now, for redaction: of each instance the newest that was made here,
   * or used here after a restart.
   */
  secrets(): readonly string[] {
    return [...this.#newest.values()].map(({ token }) => token)
  }

  #sign(instance: InstanceId, launch: Launch): string {
    const signature = createHmac('sha256', this.#secret)
      .update(`${instance}/${launch}`)
      .digest('base64url')
    return `${instance}.${launch}.${signature}`
  }

  /** The launch of a valid token, current or older; null for any other text. */
  identify(token: string): { readonly instance: InstanceId; readonly launch: Launch } | null {
    const [instance, launch] = token.split('.')
    if (instance === undefined || launch === undefined || !/^\d{1,9}$/.test(launch)) return null
    // The comparison below proves that the id comes from this server.
    const identity = { instance: instance as InstanceId, launch: Number(launch) }
    const expected = Buffer.from(this.#expected(identity.instance, identity.launch))
    const given = Buffer.from(token)
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
    this.#remember(identity.instance, identity.launch, token)
    return identity
  }

  /** Requests come with the newest token: it is computed once. */
  #expected(instance: InstanceId, launch: Launch): string {
    const known = this.#newest.get(instance)
    return known?.launch === launch ? known.token : this.#sign(instance, launch)
  }

  #remember(instance: InstanceId, launch: Launch, token: string): void {
    const known = this.#newest.get(instance)
    if (known === undefined || known.launch < launch) this.#newest.set(instance, { launch, token })
  }
}
