import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
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
      const body = readFileSync(path)
      // It is still being written: the tool says when it is whole.
      if (!isJson(body)) continue
      handOver({ event, body })
      rmSync(path, { force: true })
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

const fileName = /^(\d+)\.\d+\.(\w+)$/

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString())
    return true
  } catch {
    return false
  }
}
