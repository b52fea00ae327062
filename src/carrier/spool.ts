import { lstatSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { largestEvent } from './event-limit.ts'
import { readFile } from './files.ts'
import { namesIn } from './names-in.ts'

/** An event that a command stored. */
export interface SpooledEvent {
  readonly event: string
  readonly body: Buffer
}

/**
 * The events that Claude Code gives to commands only. The tool `spool` stores each of them as
 * `<centiseconds>.<pid>.<Event>`, so that it is there also when the carrier is not.
 */
export class Spool {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Hands over those that are whole, oldest first, and removes them. */
  take(handOver: (spooled: SpooledEvent) => void): void {
    for (const { file, event } of this.#files()) {
      const path = join(this.#directory, file)
      const body = readFile(path, largestEvent)
      const isWhole = body !== null && isJson(body)
      if (isWhole) handOver({ event, body })
      // It may still be being written: the tool says when it is whole.
      if (isWhole || isOld(path)) rmSync(path, { recursive: true, force: true })
    }
  }

  #files() {
    return namesIn(this.#directory)
      .flatMap((file) => {
        const [, time, event] = fileName.exec(file) ?? []
        return event === undefined ? [] : [{ file, event, time: Number(time) }]
      })
      .toSorted((one, other) => one.time - other.time)
  }
}

/** Whether the tool has ended, which wrote half of it: it takes milliseconds. */
function isOld(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found !== undefined && Date.now() - found.mtimeMs > longestWriteMs
}

const longestWriteMs = 60_000

const fileName = /^(\d+)\.\d+\.(\w+)$/

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString())
    return true
  } catch {
    return false
  }
}
