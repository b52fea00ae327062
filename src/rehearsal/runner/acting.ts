import type { HeldTasks } from '../players/held-tasks.ts'
import type { ScriptedTask, Script } from '../players/script.ts'
import type { ActName } from '../scenarios/scenario.ts'
import type { Setup } from './setup.ts'
import type { Status } from './status.ts'
import { type Finding, finding } from './verify.ts'
import type { Act, Acts, Performed } from './act.ts'
import { joinRemovals, type Removal } from './removal.ts'

interface ActingOptions {
  readonly names: readonly ActName[]
  readonly acts: Acts
  readonly script: Script
  readonly setup: Setup
  readonly held: HeldTasks
  readonly say: (line: string) => void
}

/** Only ends a hang. */
const limitMs = 300_000

/** Performs the acts of a scenario, one after the other, each on its occasion. */
export class Acting implements AsyncDisposable {
  readonly #options: ActingOptions
  readonly #held: readonly ScriptedTask[]
  readonly #done: Performed[] = []
  readonly #problems: string[] = []
  readonly #listeners = new Set<(status: Status) => void>()
  readonly #ending = new AbortController()
  readonly #performed: Promise<void>
  #status: Status | null = null

  constructor(options: ActingOptions) {
    this.#options = options
    this.#held = options.script.tasks.filter(({ habit }) => habit.type === 'awaits')
    this.#performed = this.#performAll()
  }

  see(status: Status): void {
    this.#status = status
    for (const look of [...this.#listeners]) look(status)
  }

  /** The run is over. An act that is not fails, and undoes what it did to the world. */
  async end(): Promise<void> {
    this.#ending.abort(new Error('the run ended before'))
    await this.#performed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end()
  }

  /** After the end: what people took away, which is no loss. */
  get removal(): Removal {
    return joinRemovals(this.#done.flatMap(({ removal }) => removal ?? []))
  }

  /** After the end: what the acts found, judged by a clone of the origin. */
  async findings(clone: string): Promise<readonly Finding[]> {
    const { names } = this.#options
    if (names.length === 0) return []
    const judged = await Promise.all(this.#done.map(({ judge }) => judge(clone)))
    return [
      finding(`what happens beside the work: ${names.join(', ')}`, this.#problems),
      ...judged.flat(),
    ]
  }

  async #performAll(): Promise<void> {
    for (const [index, name] of this.#options.names.entries()) {
      const task = this.#held[index]
      try {
        if (task === undefined) throw new Error('no task waits for it')
        this.#done.push(await this.#perform(this.#options.acts[name], task))
      } catch (error) {
        this.#problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
      }
      // Also after a failed act the run has to come to its end.
      if (task !== undefined) this.#options.held.release(task.id)
    }
  }

  async #perform(act: Act, task: ScriptedTask): Promise<Performed> {
    const { setup, held, say } = this.#options
    const until = (what: string, fits: (status: Status) => boolean) => this.#until(what, fits)
    await until(
      'the occasion',
      (status) => held.isWaiting(task.id) && isQuiet(status, task, this.#held),
    )
    const status = (): Status => {
      if (this.#status === null) throw new Error('there is no status yet')
      return this.#status
    }
    const release = () => held.release(task.id)
    return act({ setup, task, release, say, status, until, signal: this.#ending.signal })
  }

  #until(what: string, fits: (status: Status) => boolean): Promise<Status> {
    const { signal } = this.#ending
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer)
        this.#listeners.delete(look)
        signal.removeEventListener('abort', fail)
      }
      const fail = () => {
        end()
        const reason = signal.aborted ? 'the run ended before' : `not within ${limitMs / 1_000} s`
        reject(new Error(`${what}: ${reason}`))
      }
      const look = (status: Status) => {
        if (!fits(status)) return
        end()
        resolve(status)
      }
      const timer = setTimeout(fail, limitMs)
      this.#listeners.add(look)
      signal.addEventListener('abort', fail)
      if (signal.aborted) fail()
    })
  }
}

/** Nothing but the held tasks is open, and the origin has everything. */
function isQuiet(
  { tasks, lines }: Status,
  task: ScriptedTask,
  held: readonly ScriptedTask[],
): boolean {
  const later = new Set(held.slice(held.indexOf(task)).map(({ id }) => id))
  return (
    tasks.some(({ id }) => id === task.id) &&
    tasks.every(({ id, phase }) => later.has(id) || isEnded(phase)) &&
    lines.every(({ lists, publish, upstream }) =>
      [lists, publish, upstream].every(({ phase }) => phase === 'current'),
    )
  )
}

const isEnded = (phase: Status['tasks'][number]['phase']): boolean =>
  phase === 'merged' || phase === 'done' || phase === 'cancelled'
