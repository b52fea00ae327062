import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs'

/**
 * A file that never exceeds its limit by more than a line; earlier lines are in `<file>.1`. Each
 * line is written when `write` returns. A line that cannot be written is dropped: a failed log must
 * not fail its caller.
 */
export class RotatingFile implements Disposable {
  readonly #path: string
  readonly #capBytes: number
  #file: number | null = null
  #bytes = 0

  constructor(path: string, capBytes: number) {
    this.#path = path
    this.#capBytes = capBytes
  }

  write(line: string): void {
    try {
      this.#file ??= this.#open()
      if (this.#bytes >= this.#capBytes) this.#file = this.#rotate()
      this.#bytes += writeSync(this.#file, line)
    } catch {
      // The log on stdout has the line, too.
    }
  }

  [Symbol.dispose](): void {
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }

  #open(): number {
    const file = openSync(this.#path, 'a', 0o600)
    this.#bytes = statSync(this.#path).size
    return file
  }

  #rotate(): number {
    this[Symbol.dispose]()
    renameSync(this.#path, `${this.#path}.1`)
    return this.#open()
  }
}
