import { createHmac, timingSafeEqual } from 'node:crypto'
import type { InstanceId, Launch } from '../../core/model/ids.ts'

/**
 * The tokens of launches. Each is computed from the server's secret: no token is stored, and after
 * a restart the server accepts the tokens of the instances that still run.
 */
export class LaunchTokens {
  readonly #secret: string

  constructor(secret: string) {
    this.#secret = secret
  }

  tokenOf(instance: InstanceId, launch: Launch): string {
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
    const expected = Buffer.from(this.tokenOf(identity.instance, identity.launch))
    const given = Buffer.from(token)
    return given.length === expected.length && timingSafeEqual(given, expected) ? identity : null
  }
}
