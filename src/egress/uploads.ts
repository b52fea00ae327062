import type { EgressLimits } from './limits.ts'

type UploadLimits = Pick<EgressLimits, 'uploadBytes' | 'unnoticedBytes' | 'countedHosts'>

/**
 * Counts what an instance sends to each host, and reports a host once. What stays below the limit
 * of each host adds up, and is reported once, too.
 */
export class Uploads {
  readonly #bytes = new Map<string, number>()
  #unnoticed = 0
  readonly #limits: UploadLimits
  readonly #onLarge: (host: string, bytes: number) => void

  constructor(limits: UploadLimits, onLarge: (host: string, bytes: number) => void) {
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
    this.#addUnnoticed(Math.min(after, uploadBytes) - Math.min(before, uploadBytes))
  }

  #addUnnoticed(bytes: number): void {
    const { unnoticedBytes } = this.#limits
    const before = this.#unnoticed
    this.#unnoticed += bytes
    if (before <= unnoticedBytes && this.#unnoticed > unnoticedBytes)
      this.#onLarge(allHosts, this.#unnoticed)
  }
}

/** In place of a host, for all that are not counted apart; no host has a space in its name. */
const otherHosts = 'other hosts'
/** In place of a host, for what went to many hosts in small parts. */
const allHosts = 'many hosts together'
