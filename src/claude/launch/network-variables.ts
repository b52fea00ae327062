import type { Place } from './place.ts'

/** Where programs find other hosts in a container without a network. */
export function networkVariables(network: Place['network']): Readonly<Record<string, string>> {
  if (network === null) return {}
  const { proxy, npmrc } = network
  // The server itself is reached without the proxy.
  const direct = 'localhost,127.0.0.1'
  return {
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    http_proxy: proxy,
    https_proxy: proxy,
    NO_PROXY: direct,
    no_proxy: direct,
    // A project's own file still comes first.
    npm_config_globalconfig: npmrc,
  }
}
