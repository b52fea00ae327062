import { createHmac, timingSafeEqual } from 'node:crypto'
import type { InstanceId, Launch } from '../../core/model/ids.ts'

/**
 * Who a launch is: its token follows from the server's secret, so that no token is stored and a token of a run that is
 * still alive is known again after a restart.
 */
export class LaunchTokens {
  readonly #secret: string

  constructor(secret: string) {
    this.#secret = secret
  }

  tokenOf(instance: InstanceId, launch: Launch): string {
    const mark = createHmac('sha256', this.#secret)
      .update(`${instance}/${launch}`)
      .digest('base64url')
    return `${instance}.${launch}.${mark}`
  }

  /** The launch that a token belongs to, whether or not it is the current one; null when the token is no one's. */
  identify(token: string): { readonly instance: InstanceId; readonly launch: Launch } | null {
    const [instance, launch] = token.split('.')
    if (instance === undefined || launch === undefined || !/^\d{1,9}$/.test(launch)) return null
    const identity = { instance: instance as InstanceId, launch: Number(launch) } // the mark below proves that we wrote it
    const expected = Buffer.from(this.tokenOf(identity.instance, identity.launch))
    const given = Buffer.from(token)
    return given.length === expected.length && timingSafeEqual(given, expected) ? identity : null
  }
}
