import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

const project = join(import.meta.dirname, '../..')

/** Only ends a hang, and before the test does: then the failure shows what was printed. */
const patienceMs = 780_000

/** A command of this project, with a temporary directory of its own; both end with the test. */
export class Command implements AsyncDisposable {
  /** Empty when the command has left nothing behind. */
  readonly place: string
  /** Null when a signal ended it. */
  readonly exit: Promise<number | null>
  readonly stdout: Promise<string>
  readonly stderr: Promise<string>
  readonly #child: ChildProcess
  #stderr = ''

  static async start(script: string, ...words: readonly string[]): Promise<Command> {
    return new Command(await mkdtemp(join(tmpdir(), 'e2e-command-')), script, words)
  }

  private constructor(place: string, script: string, words: readonly string[]) {
    const child = spawn(process.execPath, [script, ...words], {
      cwd: project,
      env: { ...process.env, TMPDIR: place },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.place = place
    child.stderr.setEncoding('utf8').on('data', (piece: string) => (this.#stderr += piece))
    this.#child = child
    const hang = setTimeout(() => this.interrupt(), patienceMs)
    this.exit = once(child, 'exit').then(([code]) => {
      clearTimeout(hang)
      return code as number | null
    })
    this.stdout = text(child.stdout)
    this.stderr = once(child.stderr, 'close').then(() => this.#stderr)
  }

  /** What it printed last: with --json its one document. */
  async lastLine(): Promise<string> {
    return (await this.stdout).trimEnd().split('\n').at(-1) ?? ''
  }

  /** Resolves when it has printed the words to stderr; fails when it ends without them. */
  async printed(words: string): Promise<void> {
    const { stderr } = this.#child
    while (!this.#stderr.includes(words)) {
      if (stderr?.closed !== false)
        throw new Error(`it ended without printing "${words}": ${this.#stderr}`)
      await Promise.race([once(stderr, 'data'), this.stderr])
    }
  }

  interrupt(): void {
    this.#child.kill('SIGINT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.kill('SIGTERM')) await this.exit
    await rm(this.place, { recursive: true, force: true })
  }
}
