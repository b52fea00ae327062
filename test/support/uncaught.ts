/** Collects what would end the process, until it is disposed. */
export class Uncaught implements Disposable {
  readonly errors: unknown[] = []
  readonly #note = (error: unknown): void => void this.errors.push(error)

  constructor() {
    process.on('uncaughtException', this.#note)
  }

  [Symbol.dispose](): void {
    process.off('uncaughtException', this.#note)
  }
}
