import { stripVTControlCharacters } from 'node:util'
import type { Instant, LineId, TaskId } from '../../core/model/ids.ts'
import { plainText } from '../../lib/plain-text.ts'
import type { Redact } from '../../lib/redact.ts'
import type { CheckRunner } from '../../ports/checks.ts'
import type { Clock } from '../../ports/clock.ts'

interface Subject {
  readonly line: LineId
  /** The task whose work is checked; null when it is the branch itself. */
  readonly task: TaskId | null
}

interface Watched extends Subject {
  readonly commit: string
  /** The command that runs; null while the commit is checked out. */
  readonly command: string | null
  /** When this command began. */
  readonly since: Instant
  /** When it last printed something; `since` before that. */
  readonly lastOutputAt: Instant
  /** For all commands together. */
  readonly timeoutMs: number
  /** When the time limit ends the commands. */
  readonly endsAt: Instant
}

export interface RunningCheck extends Watched {
  readonly silentMs: number
  /** The end of what the commands have printed. */
  readonly output: string
}

interface Entry {
  readonly watched: Watched
  /** The place of the command that runs. */
  readonly position: number | null
  readonly output: () => string
}

/** Characters of an output that are kept of its end. */
const longestOutput = 1_000

/**
 * Which checks run now, and when they last printed something. It is kept in memory only: it
 * describes effects that end with the process.
 */
export class RunningChecks {
  readonly #clock: Clock
  readonly #redact: Redact
  readonly #running = new Map<object, Entry>()

  constructor(clock: Clock, redact: Redact = (text) => text) {
    this.#clock = clock
    this.#redact = redact
  }

  /** The same runner; what it runs is observed as checks of the subject. */
  observe(runner: CheckRunner, subject: Subject): CheckRunner {
    return {
      run: async (commit, commands, timeoutMs, watch) => {
        const key = {}
        const begin = this.#clock.now()
        const first = { commit, command: null, since: begin, lastOutputAt: begin }
        const limit = { timeoutMs, endsAt: begin + timeoutMs }
        const watched = { ...subject, ...first, ...limit }
        this.#running.set(key, { watched, position: null, output: () => '' })
        try {
          return await runner.run(commit, commands, timeoutMs, (position, output) => {
            this.#see(key, commands, position, output)
            watch?.(position, output)
          })
        } finally {
          this.#running.delete(key)
        }
      },
    }
  }

  /** Those that began first come first. */
  get all(): readonly RunningCheck[] {
    const now = this.#clock.now()
    return [...this.#running.values()].map(({ watched, output }) => ({
      ...watched,
      silentMs: Math.max(0, now - watched.lastOutputAt),
      output: this.#endOf(output()),
    }))
  }

  #see(
    key: object,
    commands: readonly string[],
    position: number | null,
    output: () => string,
  ): void {
    const before = this.#running.get(key)
    if (before === undefined) return
    const now = this.#clock.now()
    const since = before.position === position ? before.watched.since : now
    const command = position === null ? null : (commands[position] ?? null)
    const watched = { ...before.watched, command, since, lastOutputAt: now }
    this.#running.set(key, { watched, position, output })
  }

  /** Redacted before it is cut: a part of a secret would not be found. */
  #endOf(output: string): string {
    const text = this.#redact(stripVTControlCharacters(output))
    return plainText(text).slice(-longestOutput).toWellFormed()
  }
}
