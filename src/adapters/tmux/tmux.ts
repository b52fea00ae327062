import { execFile } from 'node:child_process'
import { OutdatedTool } from '../../ports/outdated-tool.ts'
import { ControlClient } from './control-client.ts'
import { TmuxError } from './tmux-error.ts'

export type Tmux = (args: readonly string[], stdin?: string) => Promise<string>

/**
 * How tmux is called on a server of our own: its socket is private, and no configuration of the
 * operator affects it. Without -u a client outside a UTF-8 locale gets `_` for every character that
 * is not ASCII.
 */
const callOf = (socket: string): readonly string[] => ['-u', '-L', socket, '-f', '/dev/null']

/** Commands take milliseconds; on a busy machine seconds. */
const answerLimitMs = 60_000

/** Runs each tmux command in a process of its own, which is killed after `limitMs`. */
export function tmuxOn(socket: string, limitMs = answerLimitMs): Tmux {
  return (args, stdin = '') =>
    new Promise((resolve, reject) => {
      const argv = [...callOf(socket), ...args]
      const child = execFile(
        'tmux',
        argv,
        {
          env: environment(),
          cwd: '/',
          maxBuffer: 4 << 20,
          timeout: limitMs,
          killSignal: 'SIGKILL',
        },
        (error, stdout, stderr) => {
          if (error === null) resolve(stdout)
          else if (error.code === 'ENOENT')
            reject(
              new Error('tmux is not installed; install it, e.g. `apt-get install tmux`', {
                cause: error,
              }),
            )
          else if (error.killed === true)
            reject(new TmuxError(args, `no answer within ${limitMs / 1000} s`, error))
          else reject(new TmuxError(args, stderr.trim() || error.message, error))
        },
      )
      child.stdin?.on('error', () => undefined)
      child.stdin?.end(stdin)
    })
}

/**
 * The system ends the client together with the server. tmux waits for ever for a client that has
 * output which can no longer be written, and does not end while it waits (3.3a).
 */
const endWithServer: readonly string[] = ['setpriv', '--pdeathsig', 'TERM', '--']

/** Runs commands over one client that stays. Without `setpriv` there is no such client. */
export const controlOn = (socket: string, limitMs = answerLimitMs): ControlClient =>
  new ControlClient([...endWithServer, 'tmux', '-N', ...callOf(socket)], environment, limitMs)

/**
 * Since 3.3 tmux passes nothing of an instance through to the terminals of viewers, unless it is
 * allowed to. A development version has no comparable number, and is newer.
 */
export async function requireTmux(tmux: Tmux): Promise<void> {
  const version = (await tmux(['-V'])).trim()
  const [, major = 3, minor = 3] = /(\d+)\.(\d+)/.exec(version)?.map(Number) ?? []
  if (major > 3 || (major === 3 && minor >= 3)) return
  throw new OutdatedTool(
    `"${version}" is too old: install tmux 3.3 or newer, which keeps escape sequences of instances ` +
      'from the terminals of viewers',
  )
}

/**
 * The server ended, is ending, or lost a race while starting: nothing was done, and a retry starts
 * a new one.
 */
export const hasNoServer = (error: unknown): boolean =>
  error instanceof TmuxError &&
  /no server running|server exited|lost server|error connecting/.test(error.reason)

/** A server that is ending has no session left, but still answers. */
export const hasNoSession = (error: unknown): boolean =>
  hasNoServer(error) ||
  (error instanceof TmuxError &&
    /can't find (?:session|window|pane)|no such session|no current target/.test(error.reason))

/** Another caller opened the session in between. */
export const hasSession = (error: unknown): boolean =>
  error instanceof TmuxError && error.reason.startsWith('duplicate session')

const inherited =
  /^(PATH|HOME|USER|LANG|LC_.*|TMPDIR|TMUX_TMPDIR|XDG_RUNTIME_DIR|DOCKER_.*|SSH_AUTH_SOCK)$/

/**
 * tmux passes its environment to every pane: it includes what finds and runs a viewer, but neither
 * the server's secrets nor an outer `TMUX`.
 */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => inherited.test(name)))
