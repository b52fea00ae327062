import type { Problem } from '../lib/problem.ts'
import { readCertificates } from './certificates.ts'
import { directHosts, isDirectHost } from './direct-hosts.ts'
import { type Outbound, plainOutbound } from './outbound.ts'
import { readOperatorFile } from './read-file.ts'

export interface OutboundSettings {
  /** The file of the settings, for messages. */
  readonly file: string
  /**
   * A URL without user name and password, the absolute path of a file with the URL, or `none`;
   * null: unset.
   */
  readonly upstreamProxy: string | null
  /** As `DirectHosts` reads them; null: unset. */
  readonly directHosts: readonly string[] | null
  /** The absolute path of a PEM file; null: unset. */
  readonly caFile: string | null
}

export interface ReadOutbound {
  readonly outbound: Outbound
  readonly problems: readonly Problem[]
}

/** Reads the settings, and for those that are not set the usual variables of the environment. */
export async function readOutbound(
  settings: OutboundSettings,
  environment: NodeJS.ProcessEnv,
): Promise<ReadOutbound> {
  const proxy = await readProxy(settings, environment)
  const trusted = await readTrusted(settings, environment)
  const { NO_PROXY, no_proxy: lower = NO_PROXY ?? '' } = environment
  const entries = settings.directHosts ?? lower.split(/[\s,]+/).filter((entry) => entry !== '')
  return {
    outbound: {
      ...plainOutbound,
      ...(proxy.ok ? { proxy: proxy.value } : {}),
      ...(trusted.ok ? { certificates: trusted.value } : {}),
      direct: directHosts(entries),
    },
    problems: [
      ...[proxy, trusted].flatMap((each) => (each.ok ? [] : [each.problem])),
      ...unreadableEntries(settings),
    ],
  }
}

type Read<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Problem }

const found = <Value>(value: Value): Read<Value> => ({ ok: true, value })
const refused = (problem: Problem): Read<never> => ({ ok: false, problem })

const environmentName = "the server's environment"

async function readProxy(
  { file, upstreamProxy }: OutboundSettings,
  environment: NodeJS.ProcessEnv,
): Promise<Read<URL | null>> {
  if (upstreamProxy === 'none') return found(null)
  if (upstreamProxy === null) return readProxyVariable(environment)
  const isUrl = upstreamProxy.includes('://')
  const key = 'upstreamProxy'
  if (!isUrl) {
    const read = await readOperatorFile(upstreamProxy, { isSecret: true, largest: 8_192 })
    if (!read.ok) return refused({ ...read, file: upstreamProxy, key: null })
    const parsed = parseProxy(read.text.trim())
    return parsed.ok
      ? found(parsed.url)
      : refused({ file: upstreamProxy, key: null, ...parsed, remedy: fileRemedy })
  }
  const parsed = parseProxy(upstreamProxy)
  if (!parsed.ok) return refused({ file, key, what: parsed.what, remedy: urlRemedy })
  if (parsed.url.password !== '')
    return refused({ file, key, what: 'holds a password', remedy: passwordRemedy })
  if (parsed.url.username !== '')
    return refused({ file, key, what: 'holds a user name', remedy: passwordRemedy })
  return found(parsed.url)
}

const shape = 'http://proxy.example:3128'
const urlRemedy = `set it to the URL of an HTTP proxy, for example "${shape}", or to "none"`
const fileRemedy = `write one line into it: http://user:password@proxy.example:3128`
const passwordRemedy =
  'write the whole URL into a file that only you can read (chmod 600), and set upstreamProxy to ' +
  'the path of that file'

function readProxyVariable(environment: NodeJS.ProcessEnv): Read<URL | null> {
  const key = environment['https_proxy'] ? 'https_proxy' : 'HTTPS_PROXY'
  const text = environment[key] ?? ''
  if (text === '') return found(null)
  const parsed = parseProxy(text.includes('://') ? text : `http://${text}`)
  if (parsed.ok) return found(parsed.url)
  const remedy = `correct it, or set "upstreamProxy" to the URL of an HTTP proxy or to "none"`
  return refused({ file: environmentName, key, what: parsed.what, remedy })
}

type ParsedProxy =
  | { readonly ok: true; readonly url: URL }
  | { readonly ok: false; readonly what: string }

/** Those of the environment are for many programs: what this one cannot read does not count. */
const unreadableEntries = ({ file, directHosts: entries }: OutboundSettings): readonly Problem[] =>
  (entries ?? []).flatMap((entry) => {
    if (isDirectHost(entry)) return []
    const what = `names ${JSON.stringify(entry)}, which is no name, address or network`
    return [{ file, key: 'directHosts', what, remedy: 'correct this entry' }]
  })

/** Never quotes the text, which may hold a password. */
function parseProxy(text: string): ParsedProxy {
  const refuse = (what: string): ParsedProxy => ({ ok: false, what })
  if (!URL.canParse(text)) return refuse('is not the URL of a proxy')
  const url = new URL(text)
  if (url.protocol !== 'http:')
    return refuse(`is not the URL of an HTTP proxy: it begins with ${url.protocol}//`)
  if (url.hostname === '' || url.pathname !== '/' || url.search !== '' || url.hash !== '')
    return refuse('has more than a host, a port, a user name and a password')
  if (!isDecodable(url)) return refuse('holds a % that is not part of an encoded character')
  return { ok: true, url }
}

function isDecodable({ username, password }: URL): boolean {
  try {
    // A line break would end a header, and a colon the user name.
    const [user, plain] = [decodeURIComponent(username), decodeURIComponent(password)]
    return !/[\p{Cc}]/u.test(`${user}${plain}`) && !user.includes(':')
  } catch {
    return false
  }
}

async function readTrusted(
  { file, caFile }: OutboundSettings,
  environment: NodeJS.ProcessEnv,
): Promise<Read<readonly string[]>> {
  const variable = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'].find((name) => environment[name])
  const path = caFile ?? environment[variable ?? ''] ?? ''
  if (path === '') return found([])
  const where =
    caFile === null ? { file: environmentName, key: variable ?? '' } : { file, key: 'caFile' }
  const remedy =
    caFile === null
      ? `correct the variable, or set "caFile"`
      : 'name a file with the certificates of your authorities in PEM'
  const read = await readOperatorFile(path, { isSecret: false, largest: 4_194_304 })
  const certificates = read.ok ? readCertificates(read.text) : read
  if (certificates.ok) return found(certificates.certificates)
  return refused({ ...where, what: `names ${path}, which ${certificates.what}`, remedy })
}
