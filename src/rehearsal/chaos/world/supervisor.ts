import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, lastWords, spawnServer } from '../../runner/server.ts'
import type { Setup } from '../../runner/setup.ts'

export interface Ending {
  readonly reason: string
  /** Whether it had answered as ready before. */
  readonly wasReady: boolean
}

/** Like a service manager, it does not give up at once. */
const restartMs = 1_000
/** Only ends a hang. */
const stopWithinMs = 180_000

/** Runs the server as a service manager does: starts it again each time that it ends. */
export class Supervisor implements AsyncDisposable {
  readonly url: string
  /** The ends that were not asked for. */
  readonly endings: Ending[] = []
  readonly #setup: Setup
  readonly #port: number
  /** Called while no server runs, before the next one is started. */
  readonly #whileDown: () => Promise<void>
  #child: ChildProcess | null = null
  #isWanted = false
  #isFrozen = false
  #wasReady = false
  starts = 0

  static async prepare(setup: Setup, whileDown: () => Promise<void>): Promise<Supervisor> {
    return new Supervisor(setup, await freePort(), whileDown)
  }

  private constructor(setup: Setup, port: number, whileDown: () => Promise<void>) {
    this.#setup = setup
    this.#port = port
    this.#whileDown = whileDown
    this.url = `http://127.0.0.1:${port}`
  }

  get isUp(): boolean {
    return this.#child !== null && !this.#isFrozen
  }

  noteReady(): void {
    this.#wasReady = true
  }

  async start(): Promise<void> {
    this.#isWanted = true
    this.#wasReady = false
    this.starts += 1
    const child = await spawnServer(this.#setup, this.#port)
    this.#child = child
    child.once('exit', (code, by) => {
      if (this.#child !== child) return
      this.#child = null
      if (this.#isWanted) void this.#comeBack(`${code ?? by}`)
    })
  }

  /**
   * Another server on the same state; its exit code and how long it took, null when it had to be
   * ended.
   */
  async startSecond(
    withinMs: number,
  ): Promise<{ readonly code: number | null; readonly ms: number }> {
    const since = Date.now()
    const child = await spawnServer(this.#setup, await freePort())
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs)
    const [code] = (await once(child, 'exit')) as [number | null]
    clearTimeout(timer)
    return { code, ms: Date.now() - since }
  }

  /** Ends the server and waits for that; false when none runs. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<boolean> {
    const child = this.#child
    if (child === null) return false
    this.#isWanted = false
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
    await this.#whileDown()
    return true
  }

  freeze(): boolean {
    this.#isFrozen = this.#child?.kill('SIGSTOP') ?? false
    return this.#isFrozen
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
    this.#isFrozen = false
  }

  /** For good. Answers what is wrong with the way it ended, null if nothing. */
  async stop(): Promise<string | null> {
    const child = this.#child
    this.#isWanted = false
    this.thaw()
    if (child === null) return 'it did not run any more'
    const exit = once(child, 'exit') as Promise<[number | null, string | null]>
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
    const [code, by] = await exit
    clearTimeout(timer)
    return code === 0 ? null : `it ended with ${String(code ?? by)}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #comeBack(reason: string): Promise<void> {
    const words = (await lastWords(this.#setup)).split('\n').slice(-3).join(' | ')
    this.endings.push({ reason: `${reason}: ${words}`, wasReady: this.#wasReady })
    await delay(restartMs)
    if (this.#isWanted && this.#child === null) await this.start()
  }
}
