import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { addAbortSignal } from 'node:stream'
import type { CredentialId } from '../core/model/ids.ts'
import type { ModelError } from '../core/model/model-error.ts'
import { type Body, readBody } from './body.ts'
import type { Caller, GatewayDeps, Secret } from './deps.ts'
import { requestHeaders } from './headers.ts'
import type { GatewayLimits } from './limits.ts'
import { refuse } from '../lib/refuse.ts'
import type { Transport } from './transport.ts'
import { type Refusal, modelErrorOf } from './model-error.ts'
import { readUnifiedLimits, type WindowReading } from './windows.ts'

/** A request of an instance, completely read so that it can be sent more than once. */
export interface Asked {
  readonly caller: Caller
  readonly token: string
  readonly method: 'GET' | 'POST'
  /** One of our own paths; only the query comes from the instance. */
  readonly path: string
  readonly search: string
  readonly headers: IncomingHttpHeaders
  readonly body: Body | null
  /** Aborts when the instance disconnects. */
  readonly signal: AbortSignal
}

export type Answer = { readonly credential: CredentialId; readonly secret: Secret } & (
  | { readonly name: 'served'; readonly response: IncomingMessage }
  | { readonly name: 'refused'; readonly refusal: Refusal }
)

export interface ExchangeDeps {
  readonly deps: GatewayDeps
  readonly limits: GatewayLimits
  readonly transport: Transport
}

/** Sends a request with the instance's credential; after a refusal, with those the core names. */
export async function sendWithFailover(
  asked: Asked,
  { deps, limits, transport }: ExchangeDeps,
): Promise<Answer> {
  const { caller } = asked
  const tried = new Set<CredentialId>()
  let credential = deps.leaseOf(caller.instance)
  let secret = credential === null ? null : deps.secretOf(credential)
  for (;;) {
    if (credential === null || secret === null)
      throw refuse(503, `no credential is free for ${caller.instance} at the moment`)
    tried.add(credential)
    const attempt = await tryWith(secret)
    for (const { window, usedPercent, resetsAt } of attempt.windows)
      deps.onWindow({ credential, window, usedPercent, resetsAt })
    if (attempt.name === 'served') return { ...attempt, credential, secret }
    const { modelError } = attempt
    const next =
      modelError.kind === 'other' ? null : deps.onRefused({ ...caller, credential, modelError })
    const nextSecret =
      next === null || tried.has(next) || tried.size >= limits.credentialsPerRequest
        ? null
        : deps.secretOf(next)
    if (next === null || nextSecret === null) {
      if (attempt.name === 'failed')
        throw refuse(502, `the model's API did not answer ${caller.instance}`, attempt.cause)
      return { name: 'refused', refusal: attempt.refusal, credential, secret }
    }
    credential = next
    secret = nextSecret
  }

  async function tryWith(secret: Secret): Promise<Attempt> {
    try {
      const response = await transport.send(sendingOf(asked, secret), asked.signal)
      const { statusCode: status = 0, headers } = response
      const { windows } = readUnifiedLimits(headers)
      if (status < 300) return { name: 'served', response, windows }
      if (status < 400) {
        response.destroy()
        throw new Error(`it redirects (${status}); a credential is not sent elsewhere`)
      }
      const refusal = { status, headers, body: await readRefusal(response, limits) }
      return { name: 'refused', refusal, windows, modelError: modelErrorOf(refusal, deps.now()) }
    } catch (cause) {
      asked.signal.throwIfAborted()
      return { name: 'failed', cause, windows: [], modelError: { kind: 'unreachable' } }
    }
  }
}

/** A real refusal of the API is below 1 kB. */
const longestRefusal = 1024 * 1024

async function readRefusal(
  response: IncomingMessage,
  { refusalTimeoutMs }: GatewayLimits,
): Promise<Buffer> {
  addAbortSignal(AbortSignal.timeout(refusalTimeoutMs), response)
  try {
    return Buffer.concat((await readBody(response, longestRefusal)).chunks)
  } catch (cause) {
    response.destroy()
    throw new Error('its refusal was not complete', { cause })
  }
}

type Attempt = { readonly windows: readonly WindowReading[] } & (
  | { readonly name: 'served'; readonly response: IncomingMessage }
  | { readonly name: 'refused'; readonly refusal: Refusal; readonly modelError: ModelError }
  | { readonly name: 'failed'; readonly cause: unknown; readonly modelError: ModelError }
)

function sendingOf({ method, path, search, headers, token, body }: Asked, secret: Secret) {
  const url = new URL(secret.baseUrl)
  url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`
  url.search = search
  url.username = ''
  url.password = ''
  return {
    method,
    url,
    body,
    headers: requestHeaders({ headers, token, secret, bodyBytes: body?.bytes ?? null }),
  }
}
