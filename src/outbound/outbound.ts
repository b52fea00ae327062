import { type DirectHosts, directHosts } from './direct-hosts.ts'

/** How the server reaches other hosts, as the network of the operator asks for. */
export interface Outbound {
  /** An HTTP proxy; its URL may hold a user name and a password. Null for none. */
  readonly proxy: URL | null
  readonly direct: DirectHosts
  /** Certificates in PEM that count beside the usual ones. */
  readonly certificates: readonly string[]
}

export const plainOutbound: Outbound = {
  proxy: null,
  direct: directHosts([]),
  certificates: [],
}

/** For messages and for other programs: without user name and password. */
export function withoutPassword(proxy: URL): string {
  return proxy.origin
}

/** With its port, since programs differ about the usual one. */
export function hrefOf({ username, password, hostname, port }: URL): string {
  const user = username === '' && password === '' ? '' : `${username}:${password}@`
  return `http://${user}${hostname}:${port === '' ? 80 : port}`
}

/** A shorter password is also a part of words, and taking it out would change ids and states. */
const leastSecret = 8

/** What no log and no error may show. */
export function secretsOfProxy(proxy: URL | null): readonly string[] {
  if (proxy === null || (proxy.username === '' && proxy.password === '')) return []
  const { username, password } = proxy
  const [user, plain] = [decodeURIComponent(username), decodeURIComponent(password)]
  if (password === '') return secretsOfToken(user, username)
  // The pair as well: that is what the header of a request holds in base64.
  const alone = plain.length < leastSecret ? [] : [plain, password]
  return [...new Set([...alone, `${user}:${plain}`, `${username}:${password}`])]
}

/** A shorter user name may be a login, or the id of an instance or a task. */
const leastToken = 20

/** A user name without a password may be a token. In a request's header it is there in base64. */
function secretsOfToken(plain: string, encoded: string): readonly string[] {
  const pair = `${plain}:`
  const header = `Basic ${Buffer.from(pair).toString('base64')}`
  const beside = [header, `//${encoded}:@`, `//${encoded}@`]
  return plain.length < leastToken ? beside : [...new Set([...beside, pair, plain, encoded])]
}

/** A refusal of the proxy for the operator; null for an answer that cannot be read. */
export function answerOfProxy(proxy: URL, status: number | null): string {
  const why =
    status === 407
      ? 'refuses the user name and password of its URL (407)'
      : `answers ${status ?? 'nothing that can be read'}`
  return `the upstream proxy ${withoutPassword(proxy)} ${why}`
}
