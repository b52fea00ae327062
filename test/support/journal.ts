import { setTimeout as delay } from 'node:timers/promises'
import { type JournalLine, readEvents } from '../../src/rehearsal/runner/events.ts'

interface Waiting {
  readonly look: (line: JournalLine) => void
}

/** The journal of a live server as it is written; it outlives the server and goes on with the next one. */
export class Journal implements AsyncDisposable {
  readonly lines: JournalLine[] = []
  readonly #waiting = new Set<Waiting>()
  readonly #ending = new AbortController()
  readonly #reading: Promise<void>

  constructor(url: string, token: () => Promise<string>) {
    this.#reading = this.#read(url, token)
  }

  /** The number of the last line so far. */
  get last(): number {
    return this.lines.at(-1)?.sequence ?? 0
  }

  since(sequence: number, isWanted: (line: JournalLine) => boolean): readonly JournalLine[] {
    return this.lines.filter((line) => line.sequence > sequence && isWanted(line))
  }

  /** The first such line behind `sequence`, there already or still to come. Its `event.at` is when the server took it in. */
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

  async #read(url: string, token: () => Promise<string>): Promise<void> {
    const { signal } = this.#ending
    while (!signal.aborted) {
      try {
        for await (const line of readEvents(url, await token(), this.last, signal)) {
          this.lines.push(line)
          for (const { look } of this.#waiting) look(line)
        }
      } catch {
        // The server is away, or not there yet.
      }
      await delay(50, undefined, { signal }).catch(() => undefined)
    }
  }

  #tail(sequence: number): string {
    const told = this.since(sequence, () => true).map(
      ({ event, ignored }) => `${JSON.stringify(event).slice(0, 300)} ${ignored ?? ''}`,
    )
    return told.slice(-30).join('\n')
  }
}
