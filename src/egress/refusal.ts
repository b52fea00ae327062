import type { InstanceId } from '../core/model/ids.ts'
import { plainText } from '../lib/plain-text.ts'
import type { Target } from './target.ts'

const sentences = {
  request: 'is no request that this proxy carries',
  scheme: 'is not http://; a client asks for https:// with CONNECT',
  userinfo: 'holds a user name, which this proxy does not pass on',
  address: 'is an address; instances reach hosts by their names',
  name: 'is not a host name',
  port: 'has a port that is not open; 443 and 80 are',
  'not-listed': 'is not on the list of hosts that this instance may reach',
  'not-public': 'leads to an address that is no host of the internet',
  private: 'leads to a private address, which the operator has to allow together with the name',
  elsewhere: 'leads to an address outside of the network that is allowed for it',
  'host-header': 'differs from the Host header',
  'not-tls': 'is port 443, and what came there is no TLS handshake',
  'server-name': 'is not the name in the TLS handshake',
  'encrypted-name': 'has a TLS handshake that hides a name (Encrypted Client Hello)',
  'too-slow': 'waited too long for the TLS handshake',
  'too-many': 'has to wait: this instance has too many connections open',
} as const

export type RefusalReason = keyof typeof sentences

export interface Refusal {
  readonly instance: InstanceId
  /** As it was asked for, made plain; a name only if `target` is there. */
  readonly asked: string
  readonly target: Target | null
  readonly reason: RefusalReason
  /** The entry of the list that would allow it; null when no entry can. */
  readonly remedy: string | null
  /** Refusals since the last report that came too fast to be reported. */
  readonly unreported: number
}

/** Ends a request; the one who catches it answers the client and reports. */
export class Refused extends Error {
  readonly reason: RefusalReason
  readonly target: Target | null
  readonly remedy: string | null

  constructor(reason: RefusalReason, target: Target | null = null, remedy: string | null = null) {
    super(reason)
    this.reason = reason
    this.target = target
    this.remedy = remedy
  }
}

const longestAsked = 253 + ':65535'.length

export const shownAsked = (asked: string): string =>
  plainText(asked).replaceAll(/\s/g, ' ').slice(0, longestAsked)

export const sentenceOf = (asked: string, reason: RefusalReason): string =>
  `${shownAsked(asked)} ${sentences[reason]}`

export function statusOf(reason: RefusalReason): 400 | 403 | 408 | 503 {
  if (reason === 'request' || reason === 'scheme' || reason === 'host-header') return 400
  if (reason === 'too-slow') return 408
  return reason === 'too-many' ? 503 : 403
}
