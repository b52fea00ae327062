import { shellQuote } from '../../../lib/shell.ts'
import type { Route } from '../../contract/routes.ts'

/** A whole command line by which a person calls a route of the operator. */
export type CurlOf = (
  route: Route,
  parameters?: Readonly<Record<string, string>>,
  body?: object,
) => string

export interface Address {
  readonly url: string
  /** The file that holds the operator's token. */
  readonly tokenFile: string
}

export const curlAt =
  (address: () => Address): CurlOf =>
  ({ method, path }, parameters = {}, body) => {
    const { url, tokenFile } = address()
    const filled = path.replaceAll(/:(\w+)/g, (_, name: string) =>
      encodeURIComponent(parameters[name] ?? ''),
    )
    const payload =
      body === undefined
        ? ''
        : ` -H 'Content-Type: application/json' -d ${shellQuote(JSON.stringify(body))}`
    return (
      `curl -fsS -X ${method} -H "Authorization: Bearer $(cat ${shellQuote(tokenFile)})"` +
      `${payload} ${url.replace(/\/$/, '')}${filled}`
    )
  }
