import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { Secret } from './deps.ts'

/** The headers that the model's API reads; not cookies, other credentials or names of proxies. */
const passedOn = [
  /^(?:accept|accept-language|content-type|user-agent|x-app)$/,
  /^(?:anthropic|x-anthropic|x-claude|x-client|x-stainless)-./,
]

/** Headers of one connection (RFC 9110 §7.6.1), and those that concern only the provider. */
const keptBack = new Set([
  ...[
    'connection',
    'keep-alive',
    'proxy-authenticate',
    'proxy-authorization',
    'proxy-connection',
    'te',
    'trailer',
    'transfer-encoding',
  ],
  ...[
    'upgrade',
    'alt-svc',
    'authorization',
    'set-cookie',
    'strict-transport-security',
    'www-authenticate',
    'x-api-key',
  ],
])

export interface Outgoing {
  readonly headers: IncomingHttpHeaders
  /** Of the launch; no header may carry it out of the machine. */
  readonly token: string
  readonly secret: Secret
  readonly bodyBytes: number | null
}

export function requestHeaders({
  headers,
  token,
  secret,
  bodyBytes,
}: Outgoing): OutgoingHttpHeaders {
  const kept = Object.entries(headers).filter(
    ([name, value]) => passedOn.some((names) => names.test(name)) && !holds(value, token),
  )
  return {
    ...Object.fromEntries(kept),
    // A compressed answer would hide the usage.
    'accept-encoding': 'identity',
    [secret.header]: secret.header === 'authorization' ? `Bearer ${secret.value}` : secret.value,
    ...(bodyBytes === null ? {} : { 'content-length': bodyBytes }),
  }
}

export function answerHeaders(
  headers: IncomingHttpHeaders,
  { value: secret }: Secret,
): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase())
  const kept = Object.entries(headers).filter(
    ([name, value]) => !keptBack.has(name) && !named.includes(name) && !holds(value, secret),
  )
  return Object.fromEntries(kept)
}

const holds = (value: string | readonly string[] | undefined, secret: string): boolean =>
  [value ?? []].flat().some((text) => text.includes(secret))
