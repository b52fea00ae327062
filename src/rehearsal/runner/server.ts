import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Setup } from './setup.ts'

export interface Server {
  readonly url: string
  readonly token: string
  /** Settles with the reason when the server ends before it was asked to. */
  readonly ended: Promise<string>
  /**
   * Ends the server and with it every instance. Answers what is wrong with the way it ended, null
   * if nothing. May be asked twice.
   */
  stop(): Promise<string | null>
}

type ServerSetup = Pick<Setup, 'root' | 'config' | 'state' | 'serverLog' | 'engine'> & {
  /** The root of the project whose server it is; not given: this one. */
  readonly code?: string
}

/** These only end a hang: a busy machine needs a multiple of what an idle one does. */
const readyWithinMs = 300_000
const stopWithinMs = 180_000

/** The root of the project. */
export const project = join(import.meta.dirname, '../../..')

/**
 * Runs the server as an operator would: its own process, its command line, nothing but its
 * configuration. `code` is the root of the project whose server it is.
 */
export async function startServer(
  setup: Setup,
  signal: AbortSignal,
  code: string = project,
): Promise<Server> {
  const port = await freePort()
  const child = await spawnServer({ ...setup, code }, port, '--stop-instances')
  const exit = once(child, 'exit').then(([code, by]: unknown[]) =>
    code === 0 ? null : `the server ended with ${String(code ?? by)}`,
  )
  const ended = exit.then(
    async (problem) =>
      `${problem ?? 'the server ended by itself'}; its last words:\n${await lastWords(setup)}`,
  )

  const stop = async (): Promise<string | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return exit
    child.kill('SIGTERM')
    const late = new AbortController()
    const forced = delay(stopWithinMs, 'late', { signal: late.signal }).catch(() => null)
    const outcome = await Promise.race([exit, forced])
    late.abort()
    if (outcome !== 'late') return outcome
    child.kill('SIGKILL')
    await exit
    return `the server did not end within ${stopWithinMs / 1_000} s of SIGTERM`
  }

  const url = `http://127.0.0.1:${port}`
  const ending = new AbortController()
  void ended.then((reason) => ending.abort(new Error(reason)))
  try {
    await waitUntilReady(url, AbortSignal.any([signal, ending.signal]))
    const token = (await readFile(join(setup.state, 'operator-token'), 'utf8')).trim()
    return { url, token, ended, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** One server process on the setup's configuration and state. */
export async function spawnServer(
  setup: ServerSetup,
  port: number,
  ...more: readonly string[]
): Promise<ChildProcess> {
  const { engine, code = project } = setup
  await using log = await open(setup.serverLog, 'a')
  const argv = [
    join(code, 'server.js'),
    '--config',
    setup.config,
    '--state',
    setup.state,
    '--port',
    String(port),
    ...more,
  ]
  // Its own group: a Ctrl-C in the terminal is for us to hand on.
  return spawn(process.execPath, argv, {
    cwd: setup.root,
    env: { ...cleanEnvironment(), ...(engine ? { DOCKER_HOST: engine.address } : {}) },
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  })
}

async function waitUntilReady(url: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + readyWithinMs
  while (Date.now() < deadline) {
    const answer = await fetch(new URL('/readyz', url), { signal }).catch(() => null)
    if (answer?.ok) return
    await delay(100, undefined, { signal }).catch(() => null)
    signal.throwIfAborted()
  }
  throw new Error(`the server was not ready within ${readyWithinMs / 1_000} s`)
}

export async function lastWords({ serverLog }: Setup): Promise<string> {
  const lines = (await readFile(serverLog, 'utf8')).trimEnd().split('\n')
  return lines.slice(-12).join('\n')
}

/** The server must not inherit who we are: no credential, no setting of a Claude Code around us. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const inherited =
    /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TMPDIR|TMUX_TMPDIR|XDG_.*|DOCKER_.*|SSL_CERT_.*|NODE_EXTRA_CA_CERTS)$/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => inherited.test(name)))
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string')
    throw new Error('this machine gives no free port')
  return address.port
}
