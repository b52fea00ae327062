export interface Outward {
  /** An HTTP proxy without a password; null for none. */
  readonly proxy: string | null
  /** Hosts that are reached without it. */
  readonly direct: readonly string[]
  /** A PEM file with everything that is trusted; null for the usual one of each program. */
  readonly certificates: string | null
}

/**
 * For programs in an operator's network. Each reads another variable: OpenSSL with most of what
 * uses it, curl, git, Node, Python's requests and pip, cargo.
 */
export function outwardVariables(
  { proxy, direct, certificates }: Outward,
  serverUrl: string,
): Readonly<Record<string, string>> {
  return { ...proxyVariables(proxy, direct, serverUrl), ...trustVariables(certificates) }
}

function proxyVariables(
  proxy: string | null,
  direct: readonly string[],
  serverUrl: string,
): Readonly<Record<string, string>> {
  if (proxy === null) return {}
  // The server itself is reached without the proxy.
  const skipped = ['localhost', '127.0.0.1', new URL(serverUrl).hostname, ...direct]
  const list = [...new Set(skipped.flatMap(spellingsOf))].join(',')
  return {
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    http_proxy: proxy,
    https_proxy: proxy,
    NO_PROXY: list,
    no_proxy: list,
  }
}

/** Some programs compare an IPv6 address with its brackets, others without them. */
function spellingsOf(host: string): readonly string[] {
  const plain = host.replace(/^\[(.*)\]$/, '$1')
  return isIPv6(plain) ? [plain, `[${plain}]`] : [host]
}

/** Neither a network nor a host with its port. */
const isIPv6 = (text: string): boolean => /^[\da-f]*:[\da-f:]*:[\da-f.]*$/i.test(text)

function trustVariables(path: string | null): Readonly<Record<string, string>> {
  if (path === null) return {}
  return {
    SSL_CERT_FILE: path,
    CURL_CA_BUNDLE: path,
    GIT_SSL_CAINFO: path,
    NODE_EXTRA_CA_CERTS: path,
    REQUESTS_CA_BUNDLE: path,
    PIP_CERT: path,
    CARGO_HTTP_CAINFO: path,
  }
}
