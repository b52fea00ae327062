import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { removeLeftovers } from '../../src/rehearsal/chaos/checker/leftovers.ts'
import type { Setup } from '../../src/rehearsal/runner/setup.ts'
import { fetchStatusOf, type Status } from '../../src/rehearsal/runner/status.ts'

const project = join(import.meta.dirname, '../..')

interface Program {
  /** Relative to the project. */
  readonly script: string
  /** Added to PATH and HOME. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Files that run at the same time have different pool ids, and two runs of the tests mostly
 * different process ids: their servers share no port.
 */
const pool = Number(process.env['VITEST_POOL_ID'] ?? 0) % 8
const firstPort = 17_700 + (process.ppid % 7) * 2_000 + pool * 250
let portsGiven = 0
const nextPort = (): number => firstPort + (portsGiven++ % 250)

type Place = Pick<Setup, 'config' | 'state' | 'serverLog' | 'root'>

/** A server of a setup that a test starts, stops and kills as an operator would, and kills. */
export class LiveServer implements AsyncDisposable {
  readonly url: string
  readonly #setup: Place
  readonly #port = nextPort()
  #child: ChildProcess | null = null
  #known: Pick<Status, 'run' | 'terminals'> | null = null

  constructor(setup: Place) {
    this.#setup = setup
    this.url = `http://127.0.0.1:${this.#port}`
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  start(...more: string[]): void {
    this.#child = this.spawn(this.#port, ...more)
  }

  /** A server with more in its environment than PATH and HOME. */
  startWith(environment: Readonly<Record<string, string>>, ...more: string[]): void {
    this.#child = this.#spawn(this.#port, more, { script: 'server.js', environment })
  }

  /** A server that kills itself at this failpoint. */
  startWithFailpoint(failpoint: string): void {
    this.#child = this.#spawn(this.#port, [], {
      script: 'test/support/server-with-failpoint.ts',
      environment: { FAILPOINT: failpoint },
    })
  }

  get hasEnded(): boolean {
    return (
      this.#child !== null && (this.#child.exitCode !== null || this.#child.signalCode !== null)
    )
  }

  /** The signal with which it ended by itself; null when it exited or has not ended. */
  async death(withinMs: number): Promise<NodeJS.Signals | null> {
    const child = this.#child
    if (child === null) throw new Error('no server was started')
    if (this.hasEnded) return child.signalCode
    await once(child, 'exit', { signal: AbortSignal.timeout(withinMs) }).catch(() => null)
    return child.signalCode
  }

  /** Another one on the same state. */
  spawn(port: number, ...more: string[]): ChildProcess {
    return this.#spawn(port, more)
  }

  #spawn(
    port: number,
    more: readonly string[],
    { script, environment }: Program = { script: 'server.js', environment: {} },
  ): ChildProcess {
    const { config, state, serverLog, root } = this.#setup
    const argv = [
      join(project, script),
      '--config',
      config,
      '--state',
      state,
      '--port',
      String(port),
      ...more,
    ]
    const log = openSync(serverLog, 'a')
    return spawn(process.execPath, argv, {
      env: { PATH: process.env['PATH'], HOME: root, ...environment },
      stdio: ['ignore', log, log],
    })
  }

  /** Its exit code. */
  stop(): Promise<number | null> {
    return this.#end('SIGTERM')
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Its exit code, when it ends by itself. */
  async ended(): Promise<number | null> {
    const child = this.#running()
    if (child.exitCode === null) await once(child, 'exit')
    return child.exitCode
  }

  /** The run that it was last seen to carry out. */
  get run(): string {
    if (this.#known === null) throw new Error('the run is not known yet')
    return this.#known.run.id
  }

  /** Null when it does not answer. */
  async status(): Promise<Status | null> {
    const status = await fetchStatusOf(this.url, this.#setup.state)
    this.#known = status ?? this.#known
    return status
  }

  /** Asks once a second, as any client may; fails with what the server last said. */
  async statusWhen(what: string, isSo: (status: Status) => boolean): Promise<Status> {
    let last: Status | null = null
    for (let left = 600; left > 0; left -= 1) {
      last = await this.status()
      if (last && isSo(last)) return last
      await delay(1_000)
    }
    throw new Error(`never ${what}: ${JSON.stringify(last, null, 1)}`)
  }

  /** A test that fails leaves nothing behind either. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child !== null && !this.hasEnded) await this.kill()
    if (this.#known !== null)
      await removeLeftovers(this.#known.run.id, this.#known.terminals.socket)
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#running()
    const exit = once(child, 'exit')
    child.kill(signal)
    const [code] = (await exit) as [number | null]
    return code
  }

  #running(): ChildProcess {
    if (this.#child === null) throw new Error('no server was started')
    return this.#child
  }
}
