import { setTimeout as delay } from 'node:timers/promises'
import { JournalCopy, type JournalLine } from './journal-copy.ts'

interface Waiting {
  readonly look: (line: JournalLine) => void
}

/** The journal of a live server as it is written, also across restarts of the server. */
export class Journal implements AsyncDisposable {
  readonly lines: JournalLine[] = []
  readonly #waiting = new Set<Waiting>()
  readonly #ending = new AbortController()
  readonly #reading: Promise<void>
  /** Why the last attempt to read failed; empty when it did not. */
  #problem = ''

  /** `state`: the server's state directory. */
  constructor(state: string) {
    this.#reading = this.#read(new JournalCopy(state))
  }

  /** The number of the last line so far. */
  get last(): number {
    return this.lines.at(-1)?.sequence ?? 0
  }

  since(sequence: number, isWanted: (line: JournalLine) => boolean): readonly JournalLine[] {
    return this.lines.filter((line) => line.sequence > sequence && isWanted(line))
  }

  /**
   * The first such line after `sequence`, recorded already or still to come. Its `event.at` is the
   * time at which the server took the event.
   */
  async next(
    what: string,
    sequence: number,
    isIt: (line: JournalLine) => boolean,
    withinMs = 300_000,
  ): Promise<JournalLine> {
    const [known] = this.since(sequence, isIt)
    if (known !== undefined) return known
    const { promise, resolve, reject } = Promise.withResolvers<JournalLine>()
    const waiting: Waiting = {
      look: (line) => (line.sequence > sequence && isIt(line) ? resolve(line) : undefined),
    }
    const timer = setTimeout(
      () => reject(new Error(`${what}: not within ${withinMs / 1_000} s\n${this.#tail(sequence)}`)),
      withinMs,
    )
    this.#waiting.add(waiting)
    return promise.finally(() => {
      clearTimeout(timer)
      this.#waiting.delete(waiting)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await this.#reading
  }

  async #read(copy: JournalCopy): Promise<void> {
    const { signal } = this.#ending
    await using journal = copy
    while (!signal.aborted) {
      try {
        for (const line of await journal.linesAfter(this.last)) {
          this.lines.push(line)
          for (const { look } of this.#waiting) look(line)
        }
        this.#problem = ''
      } catch (error) {
        // A server that starts has not created its tables yet. What lasts is part of a failed
        // wait's message.
        this.#problem = String(error)
      }
      await delay(50, undefined, { signal }).catch(() => undefined)
    }
  }

  #tail(sequence: number): string {
    const lines = this.since(sequence, () => true).map(
      ({ event, ignored }) => `${JSON.stringify(event).slice(0, 300)} ${ignored ?? ''}`,
    )
    return [...lines.slice(-30), this.#problem].join('\n')
  }
}
