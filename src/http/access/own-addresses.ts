import { isIPv6 } from 'node:net'

export interface OwnAddress {
  /** Where the server listens: an address, or `localhost`. */
  readonly host: string
  readonly port: number
  /** Under which browsers reach the server through a proxy; null without one. */
  readonly publicUrl: string | null
}

export interface OwnNames {
  /** As a browser writes them into the header Origin. */
  readonly origins: ReadonlySet<string>
  /** As clients write them into the header Host. */
  readonly hosts: ReadonlySet<string>
}

export const loopbackNames: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/**
 * The origins and hosts of this server, to be compared exactly. Another port of the same machine is
 * another server, and so is another scheme. Browsers leave out a scheme's default port; for Host
 * both forms count.
 */
export function ownNames({ host, port, publicUrl }: OwnAddress): OwnNames {
  const names = new Set([...loopbackNames, isIPv6(host) ? `[${host}]` : host])
  const urls = [...names].map((name) => `http://${name}:${port}`)
  return namesOf(...urls, ...(publicUrl === null ? [] : [publicUrl]))
}

/** The origins and hosts of these URLs. */
export function namesOf(...texts: readonly string[]): OwnNames {
  const urls = texts.map((text) => new URL(text))
  return {
    origins: new Set(urls.map(({ origin }) => origin)),
    hosts: new Set(
      urls.flatMap(({ protocol, host: authority, hostname, port: own }) => [
        authority,
        `${hostname}:${own || defaultPorts[protocol] || ''}`,
      ]),
    ),
  }
}

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }
