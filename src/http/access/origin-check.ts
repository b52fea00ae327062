import type { FastifyInstance, FastifyRequest } from 'fastify'
import { refuse } from '../../lib/refuse.ts'
import type { OwnNames } from './own-addresses.ts'

/**
 * Refuses requests of foreign pages in the operator's browser: by the header Host when the page's
 * name was rebound to this machine, by Origin or Sec-Fetch-Site otherwise. Command line clients
 * send a Host of this server, and neither of the others.
 */
export function rejectForeignOrigins(app: FastifyInstance, own: () => OwnNames): void {
  app.addHook('onRequest', async ({ method, headers }) => {
    const { hosts, origins } = own()
    if (!hosts.has(headers.host?.toLowerCase() ?? ''))
      throw refuse(
        403,
        'the header Host does not name this server; behind a proxy or a forwarded port, set ' +
          'publicUrl to the address that browsers use',
      )
    if (headers.origin !== undefined && !origins.has(headers.origin)) throw refuse(403, foreign)
    if (isOfForeignPage(headers) && !isNavigation(method, headers)) throw refuse(403, foreign)
  })
}

/** Refuses requests of any page: no instance is a browser. */
export function rejectPages(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ headers }) => {
    if (headers.origin !== undefined || isOfForeignPage(headers)) throw refuse(403, foreign)
  })
}

/**
 * Whether a request comes from a page of this server, when `rejectForeignOrigins` has let it in: an
 * Origin that is there is then one of ours. Other clients send neither header.
 */
export const isOfOwnPage = (headers: Headers): boolean =>
  headers.origin !== undefined || headers['sec-fetch-site'] === 'same-origin'

type Headers = FastifyRequest['headers']

const foreign = 'this server does not accept requests of another origin'

/**
 * Browsers send no Origin with images, scripts and frames. Pages on other ports of this machine are
 * of the same site, so that they would even carry a cookie.
 */
const isOfForeignPage = (headers: Headers): boolean =>
  !['none', 'same-origin', undefined].includes(headers['sec-fetch-site'])

/** A link to this server that a person follows. The page with the link cannot read the answer. */
const isNavigation = (method: string, headers: Headers): boolean =>
  method === 'GET' &&
  headers['sec-fetch-mode'] === 'navigate' &&
  headers['sec-fetch-dest'] === 'document'
