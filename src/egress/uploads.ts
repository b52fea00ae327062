/** Counts what an instance sends to each host, and reports a host once. */
export class Uploads {
  readonly #bytes = new Map<string, number>()
  readonly #limits: { readonly uploadBytes: number; readonly countedHosts: number }
  readonly #onLarge: (host: string, bytes: number) => void

  constructor(
    limits: { readonly uploadBytes: number; readonly countedHosts: number },
    onLarge: (host: string, bytes: number) => void,
  ) {
    this.#limits = limits
    this.#onLarge = onLarge
  }

  add(host: string, bytes: number): void {
    const { uploadBytes, countedHosts } = this.#limits
    // Many names must not fill the memory, nor restart the count of one.
    const key = this.#bytes.has(host) || this.#bytes.size < countedHosts ? host : otherHosts
    const before = this.#bytes.get(key) ?? 0
    const after = before + bytes
    this.#bytes.set(key, after)
    if (before <= uploadBytes && after > uploadBytes) this.#onLarge(key, after)
  }
}

/** In place of a host, for all that are not counted apart; no host has a space in its name. */
const otherHosts = 'other hosts'
