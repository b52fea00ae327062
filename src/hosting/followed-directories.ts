import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { isItself, readAllUntrusted } from './untrusted-file.ts'

export interface SmallFile {
  readonly name: string
  readonly text: string
  readonly modifiedMs: number
}

export interface Meaning<Value> {
  readonly isWanted: (name: string) => boolean
  /** Larger files do not count. Bytes. */
  readonly limit: number
  /** What the files of a directory say together. */
  readonly read: (files: readonly SmallFile[]) => Value | null
}

interface Followed<Value> {
  watcher: FSWatcher | null
  value: Value | null
  isReading: boolean
  isStale: boolean
}

/** Small files that something untrusted writes, read again whenever their directory changes; one directory per key. */
export class FollowedDirectories<Key, Value> implements Disposable {
  readonly #followed = new Map<Key, Followed<Value>>()
  readonly #changed: (key: Key, value: Value | null) => void

  constructor(changed: (key: Key, value: Value | null) => void) {
    this.#changed = changed
  }

  get(key: Key): Value | null {
    return this.#followed.get(key)?.value ?? null
  }

  has(key: Key): boolean {
    return this.#followed.has(key)
  }

  /** Follows this directory for the key, and no other any more; a directory that is absent or hidden behind a link says nothing. */
  async follow(key: Key, directory: string, meaning: Meaning<Value>): Promise<void> {
    this.unfollow(key)
    const entry: Followed<Value> = { watcher: null, value: null, isReading: false, isStale: false }
    this.#followed.set(key, entry)
    if (!(await isItself(directory))) return
    const refresh = (): void => void this.#refresh(key, entry, directory, meaning)
    try {
      entry.watcher = watch(directory, { persistent: false }, refresh).on('error', () =>
        entry.watcher?.close(),
      )
    } catch {
      return
    }
    await this.#refresh(key, entry, directory, meaning)
  }

  unfollow(key: Key): void {
    this.#followed.get(key)?.watcher?.close()
    this.#followed.delete(key)
  }

  [Symbol.dispose](): void {
    for (const key of [...this.#followed.keys()]) this.unfollow(key)
  }

  /** One reading at a time; what changes meanwhile leads to one more. It cannot reject: an unreadable directory has no files. */
  async #refresh(
    key: Key,
    entry: Followed<Value>,
    directory: string,
    meaning: Meaning<Value>,
  ): Promise<void> {
    entry.isStale = true
    if (entry.isReading) return
    entry.isReading = true
    while (entry.isStale) {
      entry.isStale = false
      const value = meaning.read(await wholeFiles(directory, meaning))
      if (this.#followed.get(key) !== entry) break
      if (value === entry.value) continue
      entry.value = value
      this.#changed(key, value)
    }
    entry.isReading = false
  }
}

async function wholeFiles<Value>(
  directory: string,
  { isWanted, limit }: Meaning<Value>,
): Promise<readonly SmallFile[]> {
  return (await readAllUntrusted(directory, isWanted, limit)).filter(({ isWhole }) => isWhole)
}
