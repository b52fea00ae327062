import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { readAnswer } from './answer.ts'
import { TmuxError } from './tmux-error.ts'

/** The client ended: by itself, with tmux, or because tmux does not run. */
export class ClientEnded extends Error {
  /** Whether the command may have been run. */
  readonly mayHaveRun: boolean

  constructor(mayHaveRun: boolean) {
    super('the control client of tmux ended')
    this.mayHaveRun = mayHaveRun
  }
}

/**
 * The client's own. It stays when the client ends, for the next one: with `destroy-unattached`, one
 * of six ends of the client makes tmux 3.3a crash.
 */
export const ownSession = 'orchestrator'

const attach: readonly string[] = [
  ...['-C', 'new-session', '-A', '-s', ownSession, '-f', 'no-output,ignore-size', '--'],
  ...['sh', '-c', 'echo "The server types and reads over this session."; exec cat'],
]

interface Pending {
  readonly args: readonly string[]
  /** What ends its answer. Panes cannot guess it, so nothing that they show ends it early. */
  readonly mark: string
  readonly printed: string[]
  readonly done: Promise<string>
  readonly limit: NodeJS.Timeout
  readonly resolve: (output: string) => void
  readonly reject: (error: Error) => void
}

/**
 * Runs commands over one client in tmux's control mode, which stays: a command costs no process
 * then. While such a client attaches, a session that begins or ends makes tmux 3.3a crash: it
 * writes the notice to a client that is not ready. Hence two rules:
 *
 * - The client has a session of its own. In an instance's it would end with the instance and attach
 *   again just when other instances end.
 * - The server begins and ends no session while the client attaches.
 */
export class ControlClient {
  readonly #argv: readonly string[]
  readonly #environment: () => NodeJS.ProcessEnv
  readonly #limitMs: number
  #connection: Connection | null = null
  /** The last one of those that attach, or begin or end a session. */
  #turn: Promise<unknown> = Promise.resolve()

  /** `argv`: how tmux is called, up to its command. */
  constructor(argv: readonly string[], environment: () => NodeJS.ProcessEnv, limitMs: number) {
    this.#argv = argv
    this.#limitMs = limitMs
    this.#environment = environment
  }

  /**
   * Resolves with the command's output. Rejects with `TmuxError` when tmux refuses it or does not
   * answer in time, otherwise with `ClientEnded`.
   */
  async run(args: readonly string[]): Promise<string> {
    await this.#turn
    const open = this.#openConnection() ?? (await this.#inTurn(() => this.#connect()))
    return await open.run(args)
  }

  /** Does what begins or ends a session, while no client attaches. */
  changing<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#inTurn(work)
  }

  /** Resolves when the client has ended. */
  end(): Promise<void> {
    return this.#inTurn(async () => this.#openConnection()?.end())
  }

  #openConnection(): Connection | null {
    return this.#connection?.hasEnded === false ? this.#connection : null
  }

  async #connect(): Promise<Connection> {
    const open = this.#openConnection()
    if (open !== null) return open
    const connection = new Connection(this.#argv, this.#environment(), this.#limitMs)
    this.#connection = connection
    await connection.ready
    return connection
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }
}

class Connection {
  hasEnded = false
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #pending: Pending[] = []
  #isAttached = false
  readonly #attached = Promise.withResolvers<void>()
  readonly #ended = Promise.withResolvers<void>()
  /** Resolves when it is attached, or has ended. */
  readonly ready = Promise.race([this.#attached.promise, this.#ended.promise])
  readonly #limitMs: number

  constructor(
    [program = 'tmux', ...argv]: readonly string[],
    env: NodeJS.ProcessEnv,
    limitMs: number,
  ) {
    this.#limitMs = limitMs
    const child = spawn(program, [...argv, ...attach], {
      env,
      cwd: '/',
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    this.#child = child
    child.on('error', () => this.#end())
    child.on('close', () => this.#end())
    // Without a descriptor that is free there is no child, nor its pipes.
    if (child.pid === undefined) return
    const limit = setTimeout(() => this.#giveUp(), limitMs)
    void this.ready.then(() => {
      clearTimeout(limit)
      this.#rest()
    })
    child.stdin.on('error', () => undefined)
    createInterface({ input: child.stdout, crlfDelay: Infinity })
      .on('line', (line) => this.#read(line))
      .on('error', () => this.#kill())
  }

  async end(): Promise<void> {
    for (const each of this.#kept()) each.ref()
    this.#child.stdin.end()
    // A tmux that hangs keeps the pipes of the client, which do not close with it.
    const limit = setTimeout(() => {
      this.#kill()
      this.#end()
    }, this.#limitMs)
    await this.#ended.promise
    clearTimeout(limit)
  }

  run(args: readonly string[]): Promise<string> {
    if (this.hasEnded) return Promise.reject(new ClientEnded(false))
    const { promise: done, resolve, reject } = Promise.withResolvers<string>()
    const mark = randomUUID()
    const limit = setTimeout(() => this.#giveUp(), this.#limitMs)
    this.#pending.push({ args, mark, printed: [], done, limit, resolve, reject })
    for (const each of this.#kept()) each.ref()
    const command = args.map(wordOf).join(' ')
    if (this.#child.pid !== undefined)
      this.#child.stdin.write(`${command}\ndisplay-message -p ${mark}\n`)
    return done
  }

  #read(line: string): void {
    const [pending] = this.#pending
    // Of the attaching, before anything that a screen shows.
    this.#isAttached ||= line.startsWith('%session-changed ')
    if (this.#isAttached) this.#attached.resolve()
    if (pending === undefined) return
    if (line !== pending.mark) return void pending.printed.push(line)
    // The line before it begins the block of the mark.
    pending.printed.pop()
    this.#settle(pending)
  }

  /** A command without an answer: none of those behind it will have one. */
  #giveUp(): void {
    const late = `no answer within ${this.#limitMs / 1000} s`
    this.#fail((args) => new TmuxError(args, late))
    this.#kill()
  }

  /** A tmux that hangs keeps the other ends of its pipes. */
  #kill(): void {
    this.#child.kill('SIGKILL')
    this.#child.stdin.destroy()
    this.#child.stdout.destroy()
  }

  #fail(errorOf: (args: readonly string[]) => Error): void {
    this.hasEnded = true
    for (const { args, limit, reject } of this.#pending.splice(0)) {
      clearTimeout(limit)
      reject(errorOf(args))
    }
    this.#rest()
  }

  #settle({ args, printed, limit, resolve, reject }: Pending): void {
    clearTimeout(limit)
    this.#pending.shift()
    this.#rest()
    const { lines, error } = readAnswer(printed)
    if (error === null) resolve(lines.map((line) => `${line}\n`).join(''))
    else reject(new TmuxError(args, error))
  }

  /** Does not keep the process running between commands. */
  #rest(): void {
    if (this.#pending.length > 0) return
    for (const each of this.#kept()) each.unref()
  }

  /** Pipes of a child are sockets. */
  #kept(): readonly { ref(): unknown; unref(): unknown }[] {
    if (this.#child.pid === undefined) return []
    const { stdin, stdout } = this.#child
    return [this.#child, stdin as Socket, stdout as Socket]
  }

  #end(): void {
    this.#fail(() => new ClientEnded(this.#isAttached))
    this.#ended.resolve()
  }
}

/**
 * An argument of a process that runs tmux, as a word of a command line: `;` alone separates
 * commands, and a last `\;` means a `;`. Nothing in single quotes has a meaning.
 */
const wordOf = (argument: string): string =>
  argument === ';' ? argument : `'${argument.replace(/\\;$/, ';').replaceAll("'", `'\\''`)}'`
