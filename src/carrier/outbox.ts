import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { readFile, writeFile } from './files.ts'
import { namesIn } from './names-in.ts'

/** One undelivered event. */
export interface Entry {
  /** `<sequence>.<launch>.<pid>.<Event>.json` */
  readonly file: string
  readonly sequence: number
  readonly event: string
  readonly bytes: number
}

export interface OutboxLimits {
  readonly events: number
  readonly bytes: number
}

const usualLimits: OutboxLimits = { events: 1_000, bytes: 64 * 1024 * 1024 }

/** An event that was not stored, and why. */
export class LostEvent extends Error {}

/**
 * The events of an instance that the server has not acknowledged, as files: they survive the end of
 * every process. One process writes here, and every call is whole before the next one begins.
 *
 *     <sequence>.<launch>.<pid>.<Event>.json   an event
 *     sequence                                 the last number
 *     lost                                     how many events found no place, and why
 */
export class Outbox {
  readonly #directory: string
  readonly #launch: number
  readonly #limits: OutboxLimits
  #entries: Entry[]
  #last = 0

  /** Removes what an older launch left: the server would refuse it. */
  constructor(directory: string, launch: number, limits: OutboxLimits = usualLimits) {
    this.#directory = directory
    this.#launch = launch
    this.#limits = limits
    this.#entries = this.#found()
    this.#last = this.#entries.at(-1)?.sequence ?? 0
  }

  /** The oldest event. */
  first(): Entry | null {
    return this.#entries[0] ?? null
  }

  /** Null when the file is gone. */
  read({ file }: Entry): Buffer | null {
    return readFile(join(this.#directory, file), this.#limits.bytes)
  }

  /** Stores the newest event. Throws LostEvent. */
  append(event: string, body: Buffer): Entry {
    if (this.#isFull(body.length)) throw this.#lose(event, 'the outbox is full')
    try {
      const sequence = this.#nextSequence()
      const file = `${sequence}.${this.#launch}.${process.pid}.${event}.json`
      const incoming = join(this.#directory, `incoming.${process.pid}`)
      writeFile(incoming, body)
      renameSync(incoming, join(this.#directory, file))
      const entry = { file, sequence, event, bytes: body.length }
      this.#entries.push(entry)
      return entry
    } catch (error) {
      throw this.#lose(event, `it could not be written (${String(error)})`)
    }
  }

  /** The server has it, or refuses it. */
  remove(entry: Entry): void {
    this.#entries = this.#entries.filter((other) => other !== entry)
    try {
      rmSync(join(this.#directory, entry.file), { force: true })
    } catch {
      // It is sent again after the next start, and the server knows its number.
    }
  }

  #isFull(more: number): boolean {
    const bytes = this.#entries.reduce((sum, entry) => sum + entry.bytes, more)
    return this.#entries.length >= this.#limits.events || bytes > this.#limits.bytes
  }

  /**
   * One write overwrites the number in place, so that no crash leaves half of it. The first number
   * is the time in milliseconds: the numbers rise even after the outbox was deleted.
   */
  #nextSequence(): number {
    mkdirSync(this.#directory, { recursive: true })
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK
    const file = openSync(join(this.#directory, 'sequence'), flags)
    try {
      const written = /^[1-9]\d{12}$/m.exec(readFileSync(file, 'utf8'))?.[0]
      this.#last = Math.max(this.#last, Number(written ?? 0)) || Date.now()
      this.#last += 1
      writeSync(file, `${this.#last}\n`, 0)
      return this.#last
    } finally {
      closeSync(file)
    }
  }

  /**
   * The oldest events are kept: they explain the state that the server will find. The gap in the
   * sequence shows that others are missing.
   */
  #lose(event: string, reason: string): LostEvent {
    const path = join(this.#directory, 'lost')
    const text = readFile(path, longestNote)?.toString() ?? ''
    const count = Number(/^\d+/.exec(text)?.[0] ?? 0) + 1
    const note = `${count} events lost, the last one ${event} of launch ${this.#launch}: ${reason}\n`
    try {
      writeFile(path, note)
    } catch {
      // Where no event can be written, no note can.
    }
    return new LostEvent(`${event} was not sent and is lost: ${reason}`)
  }

  #found(): Entry[] {
    const entries = namesIn(this.#directory).flatMap((file) => {
      const [, sequence, launch, event = ''] = entryName.exec(file) ?? []
      if (sequence === undefined) return []
      const path = join(this.#directory, file)
      if (Number(launch) < this.#launch) {
        rmSync(path, { force: true })
        return []
      }
      const found = statSync(path, { throwIfNoEntry: false })
      if (!found?.isFile()) return []
      return [{ file, sequence: Number(sequence), event, bytes: found.size }]
    })
    return entries.toSorted((one, other) => one.sequence - other.sequence)
  }
}

/** Bytes. */
const longestNote = 64 * 1024

const entryName = /^(\d+)\.(\d+)\.\d+\.(\w+)\.json$/
