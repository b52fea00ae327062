import type { IncomingMessage } from 'node:http'
import { Refused } from './refusal.ts'
import { parseTarget, type Target } from './target.ts'

/** A request for a host's port 80, as the proxy sends it on. */
export interface PlainRequest {
  readonly target: Target
  /** In origin form: `/path?query`. */
  readonly path: string
}

/** Reads an absolute-form request. Throws `Refused`. */
export function readAbsoluteForm(request: IncomingMessage): PlainRequest {
  const [, scheme = '', authority = '', rest = ''] =
    /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(request.url ?? '') ?? []
  if (scheme === '') throw new Refused('request')
  if (scheme.toLowerCase() !== 'http') throw new Refused('scheme')
  const target = targetIn(authority)
  requireOnly(request, target)
  return { target, path: originForm(rest) }
}

/** Reads a request within a tunnel to port 80; every one has to be for the host of the tunnel. */
export function readOriginForm(request: IncomingMessage, target: Target): PlainRequest {
  const { url = '' } = request
  if (!url.startsWith('/')) throw new Refused('request', target)
  requireOnly(request, target)
  return { target, path: originForm(url) }
}

function targetIn(authority: string): Target {
  const parsed = parseTarget(authority, 80)
  if (!parsed.ok) throw new Refused(parsed.problem)
  return parsed.target
}

function originForm(rest: string): string {
  const path = rest.replace(/#.*$/, '')
  return path.startsWith('/') ? path : `/${path}`
}

/** One Host header, and it names the target; one framing of the body. */
function requireOnly(request: IncomingMessage, target: Target): void {
  const { host = [], 'transfer-encoding': encodings = [] } = request.headersDistinct
  const named = host.length === 1 ? parseTarget(host[0] ?? '', 80) : null
  const isSame = named?.ok && named.target.host === target.host && named.target.port === target.port
  if (host.length > 0 && !isSame) throw new Refused('host-header', target)
  const isOneFraming = encodings.length === 0 || request.headers['content-length'] === undefined
  const isKnown = encodings.every((encoding) => encoding.toLowerCase() === 'chunked')
  if (!isOneFraming || !isKnown || encodings.length > 1) throw new Refused('request', target)
}
