import { homedir } from 'node:os'
import { resolve } from 'node:path'

export type RepositoryScheme = 'https' | 'http' | 'ssh' | 'file'

export type RepositoryUrl =
  | {
      readonly ok: true
      readonly url: string
      readonly scheme: RepositoryScheme
      readonly isLocal: boolean
    }
  | { readonly ok: false; readonly problem: string }

/**
 * Accepts remotes of git that cannot make it run a program or read an option: https, ssh,
 * `user@host:path`, file URLs and local paths; http only on this machine. Relative paths start at
 * `baseDir`. A problem never quotes the text, which may hold a password.
 */
export function parseRepositoryUrl(
  text: string,
  baseDir: string,
  homeDir = homedir(),
): RepositoryUrl {
  if (text === '')
    return refuse('is empty: give an https, ssh or file URL, user@host:path, or a local path')
  if (/\p{Cc}/u.test(text)) return refuse('holds a control character')
  if (text.startsWith('-'))
    return refuse(
      'begins with a dash, which git would read as an option: write ./ before a local path',
    )
  const helper = /^([a-z0-9][a-z0-9+.-]*)::/i.exec(text)
  if (helper)
    return refuse(
      `uses git's remote helper "${helper[1]}::", which may run programs: ` +
        'use https, ssh or a local path',
    )
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]
  if (scheme !== undefined) return parseUrl(text, scheme.toLowerCase())
  const colon = text.indexOf(':')
  const slash = text.indexOf('/')
  return colon >= 0 && (slash < 0 || colon < slash)
    ? parseScpLike(text)
    : parsePath(text, baseDir, homeDir)
}

function parseUrl(text: string, scheme: string): RepositoryUrl {
  if (scheme === 'file') return parseFileUrl(text)
  if (scheme !== 'https' && scheme !== 'http' && scheme !== 'ssh')
    return refuse(`has the scheme ${scheme}://: use https, ssh or file`)
  if (!URL.canParse(text)) return refuse('is not a valid URL')
  const url = new URL(text)
  if (!isHost(url.hostname)) return refuse('has no valid host name')
  if (!isDecodable(text)) return refuse('holds a % that is not part of an encoded character')
  if (/%[01][0-9a-f]|%7f/i.test(text)) return refuse('holds an encoded control character')
  if (url.search !== '' || url.hash !== '')
    return refuse('holds ? or #: encode them as %3F and %23')
  if (url.username.startsWith('-')) return refuse('has a user name that begins with a dash')
  if (scheme === 'ssh' && url.password !== '')
    return refuse('holds a password, which ssh does not take: use a key')
  if (scheme === 'http' && !isLoopback(url.hostname)) {
    return refuse(
      'uses http://, which shows password and content to the network: use https:// or ssh://',
    )
  }
  return { ok: true, url: text, scheme, isLocal: false }
}

function parseFileUrl(text: string): RepositoryUrl {
  const path = text.slice('file://'.length)
  if (!path.startsWith('/')) return refuse('names a host after file://: write file:///path')
  return { ok: true, url: `file://${path}`, scheme: 'file', isLocal: true }
}

function parseScpLike(text: string): RepositoryUrl {
  const parts = /^(?:([^@:/]+)@)?(\[[^\]]+\]|[^:/[\]]+):(.+)$/.exec(text)
  const [, user = '', host = '', path = ''] = parts ?? []
  if (!isHost(host))
    return refuse('is read as host:path and has no valid host name: write ./ before a local path')
  if (user.startsWith('-') || path.startsWith('-'))
    return refuse('has a user name or a path that begins with a dash')
  return { ok: true, url: text, scheme: 'ssh', isLocal: false }
}

function parsePath(text: string, baseDir: string, homeDir: string): RepositoryUrl {
  if (/^~[^/]/.test(text)) return refuse('names the home of another user: write the whole path')
  const path = text.startsWith('~') ? `${homeDir}${text.slice(1)}` : text
  return { ok: true, url: resolve(baseDir, path), scheme: 'file', isLocal: true }
}

/** Names, IPv4 and bracketed IPv6; ssh would read a leading dash as an option. */
function isHost(host: string): boolean {
  return /^[a-z0-9_](?:[a-z0-9._-]*)$/i.test(host) || /^\[[0-9a-f:.]+\]$/i.test(host)
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function refuse(problem: string): RepositoryUrl {
  return { ok: false, problem }
}
