import type { Commit } from '../../../core/model/ids.ts'
import { type RepositoryScheme, parseRepositoryUrl } from '../../../lib/repository-url.ts'
import { type Environment, originEnvironment } from '../command/environment.ts'
import { fetchRef } from '../transfer/fetch.ts'
import { type Call, type Git, GitFailure } from '../command/git.ts'
import { hubLimits, type Limits } from '../command/limits.ts'
import type { Quarantine } from '../transfer/quarantine.ts'
import { branchRef, upstreamRef } from '../objects/refs.ts'
import { type Remedy, stderrHints } from '../command/stderr-hints.ts'

/**
 * The repository that the project is read from and published to. Its address is an argument of each
 * command and never in the hub, which workers can read.
 */
export interface Origin {
  /** For git's command line, without a password: every user of the machine sees command lines. */
  readonly address: string
  /** For messages. */
  readonly shown: string
  /** The environment that gives git its rights at the origin. */
  readonly call: Call
  /** Those of a push, which may be silent for longer. */
  readonly pushLimits: Limits
}

/** How long the origin may be silent. */
export interface Patience {
  readonly fetchMs: number
  /** Longer: a hook of the origin may check the push for many minutes and say nothing. */
  readonly pushMs: number
}

/** The core gives a push half an hour (`timeouts.hubMs`). */
const usualPatience: Patience = { fetchMs: 120_000, pushMs: 25 * 60_000 }

/**
 * A first fetch of a large repository needs more memory than what the hub's commands read, and as
 * much time as it takes.
 */
const originLimits: Omit<Limits, 'silenceMs'> = {
  memoryBytes: 4 * 1024 ** 3,
  outputBytes: hubLimits.outputBytes,
}

export function openOrigin(
  text: string,
  operator: NodeJS.ProcessEnv,
  { fetchMs, pushMs } = usualPatience,
): Origin {
  const parsed = parseRepositoryUrl(text, process.cwd())
  if (!parsed.ok) throw new Error(`the repository's URL ${parsed.problem}`)
  const { address, username, password } = splitPassword(parsed.url, parsed.scheme)
  // Git follows a redirect of the first request: the host that it leads to must get no password.
  const host = password === '' ? '' : new URL(address).origin
  const environment = originEnvironment(operator, protocolsOf[parsed.scheme])
  const secrets = [...formsOf(password), ...formsOf(passwordOfProxy(environment))]
  const scrub = (said: string): string =>
    secrets
      .filter((secret) => secret !== '')
      .reduce((scrubbed, secret) => scrubbed.replaceAll(secret, '***'), said)
      .replace(/(\w:\/\/)[^/@\s]+@/g, '$1***@')
  return {
    address,
    shown: scrub(address),
    pushLimits: { ...originLimits, silenceMs: pushMs },
    call: {
      scrub,
      limits: { ...originLimits, silenceMs: fetchMs },
      environment:
        password === ''
          ? environment
          : { ...environment, ORIGIN_USERNAME: username, ORIGIN_PASSWORD: password },
      config:
        password === ''
          ? []
          : ['credential.helper=', `credential.${host}.helper=${passwordFromEnvironment}`],
    },
  }
}

const formsOf = (password: string): readonly string[] => [
  ...new Set([
    password,
    encodeURIComponent(password),
    new URL(`x://:${encodeURIComponent(password)}@x`).password,
  ]),
]

function passwordOfProxy({ https_proxy: proxy = '' }: Environment): string {
  return URL.canParse(proxy) ? decodeURIComponent(new URL(proxy).password) : ''
}

/** An operator's `url.….insteadOf` may turn one remote protocol into the other. */
const protocolsOf: Record<RepositoryScheme, string> = {
  https: 'https:ssh',
  http: 'http',
  ssh: 'https:ssh',
  file: 'file',
}

const passwordFromEnvironment =
  '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$ORIGIN_USERNAME" "$ORIGIN_PASSWORD"; }; f'

function splitPassword(
  text: string,
  scheme: RepositoryScheme,
): { address: string; username: string; password: string } {
  if (scheme !== 'https' && scheme !== 'http') return { address: text, username: '', password: '' }
  const url = new URL(text)
  if (url.password === '') return { address: text, username: '', password: '' }
  const [username, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
  url.username = ''
  url.password = ''
  return { address: url.href, username, password }
}

/** Fetches the origin's target into a quarantine. */
export async function fetchTarget(
  quarantine: Quarantine,
  origin: Origin,
  target: string,
): Promise<Commit> {
  const tip = 'refs/incoming/tip'
  try {
    await quarantine.fetch(origin.address, { [branchRef(target)]: tip }, origin.call)
    return await quarantine.resolve(tip)
  } catch (error) {
    throw await explainFetch(error, quarantine.git, origin, target)
  }
}

/** Fetches the origin's target into a hub that is being made. */
export async function fetchFirst(git: Git, origin: Origin, target: string): Promise<void> {
  try {
    await fetchRef(git, origin.address, branchRef(target), upstreamRef(target), origin.call)
  } catch (error) {
    throw await explainFetch(error, git, origin, target)
  }
}

async function explainFetch(
  error: unknown,
  git: Git,
  origin: Origin,
  target: string,
): Promise<Error> {
  if (isAbsence(error))
    return new Error(await describeAbsence(git, origin, target), { cause: error })
  return explain(error, `fetching ${target} from ${origin.shown}`)
}

/** Fetches another branch of the origin into `ref`; false when the origin has no such branch. */
export async function fetchBranchIfThere(
  git: Git,
  origin: Origin,
  branch: string,
  ref: string,
): Promise<boolean> {
  try {
    await fetchRef(git, origin.address, branchRef(branch), ref, origin.call)
    return true
  } catch (error) {
    if (isAbsence(error)) return false
    throw explain(error, `fetching ${branch} from ${origin.shown}`)
  }
}

const isAbsence = (error: unknown): boolean =>
  error instanceof GitFailure && /couldn't find remote ref/.test(error.stderr)

async function describeAbsence(git: Git, origin: Origin, target: string): Promise<string> {
  const { text } = await git(
    ['ls-remote', '--heads', '--end-of-options', origin.address],
    origin.call,
  )
  const branches = [...text.matchAll(/\trefs\/heads\/(.+)$/gm)].map(([, name]) => name)
  const where = origin.shown
  if (branches.length === 0)
    return (
      `${where} is empty: commit a PROJECT_DIRECTION.md to its branch ${target} and ` +
      'push it there'
    )
  const names =
    branches.length > 10 ? [...branches.slice(0, 10), `${branches.length - 10} more`] : branches
  return (
    `${where} has no branch ${target}: set "branch" to one that it has ` +
    `(${names.join(', ')}) or push ${target} there`
  )
}

/** Git's message about the origin in one line, with the operator's remedy. */
export function explain(error: unknown, what: string): Error {
  if (!(error instanceof GitFailure)) return new Error(`${what} failed`, { cause: error })
  const { line, remedy } = stderrHints(error.stderr || error.message, remedies)
  return new Error(`${what} failed: ${line}${remedy === null ? '' : `; ${remedy}`}`, {
    cause: error,
  })
}

export const remedies: readonly Remedy[] = [
  [
    /CONNECT tunnel failed, response 407|HTTP code 407 from proxy/i,
    'the upstream proxy refuses the user name and password of its URL: check "upstreamProxy", or ' +
      'the HTTPS_PROXY of the server',
  ],
  [
    /could not resolve proxy|CONNECT tunnel failed|HTTP code \d+ from proxy/i,
    'that is the upstream proxy: check "upstreamProxy", or the HTTPS_PROXY of the server',
  ],
  [
    /SSL certificate problem|server certificate verification failed|certificate verify failed/i,
    'the certificate of the origin, or of a proxy in between, is not known here: name your ' +
      'company\'s certificates in "caFile"',
  ],
  [
    /dubious ownership/,
    'it belongs to another user: git config --global --add safe.directory <that path> allows it',
  ],
  [
    /host key verification failed/i,
    'connect to the host once by hand with ssh, so that its key is known',
  ],
  [
    /authentication failed|could not read (username|password)|permission denied|returned error: 40[13]|invalid username/i,
    'give the server the right to it: an ssh key in the agent, a git credential helper, or a ' +
      'token in the URL',
  ],
  [
    /not valid: is this a git repository|bad line length|protocol error|invalid server response/i,
    'what answers there is no git repository, but perhaps the page of a login or a proxy: check ' +
      '"repositoryUrl" and the network',
  ],
  [/shallow/, 'the origin is a shallow clone: complete it there with git fetch --unshallow'],
  [
    /repository .*not found|does not appear to be a git repository|does not exist/i,
    'check "repositoryUrl"',
  ],
  [
    /could not resolve host|unable to access|connection |timed out|timeout|could not read from remote/i,
    'check the URL and the network',
  ],
]
