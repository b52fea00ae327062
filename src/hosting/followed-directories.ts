import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import {
  openUntrusted,
  pathOf,
  readAllUntrusted,
  type UntrustedDirectory,
} from './untrusted-file.ts'

export interface SmallFile {
  readonly name: string
  readonly text: string
  readonly modifiedMs: number
}

export interface DirectoryReader<Value> {
  readonly isWanted: (name: string) => boolean
  /** Larger files are ignored. Bytes. */
  readonly limit: number
  /** The value that the directory's files represent together. */
  readonly read: (files: readonly SmallFile[]) => Value | null
}

interface Followed<Value> {
  watcher: FSWatcher | null
  value: Value | null
  isReading: boolean
  isStale: boolean
}

/**
 * Reads small files that an untrusted process writes, again whenever their directory changes; one
 * directory per key.
 */
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

  /**
   * Follows this directory for the key, instead of any earlier one. A directory that is absent or
   * hidden behind a link yields null.
   */
  async follow(
    key: Key,
    directory: UntrustedDirectory,
    reader: DirectoryReader<Value>,
  ): Promise<void> {
    this.unfollow(key)
    const entry: Followed<Value> = { watcher: null, value: null, isReading: false, isStale: false }
    this.#followed.set(key, entry)
    await using opened = await openUntrusted(directory)
    if (opened === null) return
    const refresh = (): void => void this.#refresh(key, entry, directory, reader)
    try {
      entry.watcher = watch(pathOf(opened), { persistent: false }, refresh).on('error', () =>
        entry.watcher?.close(),
      )
    } catch {
      return
    }
    await this.#refresh(key, entry, directory, reader)
  }

  unfollow(key: Key): void {
    this.#followed.get(key)?.watcher?.close()
    this.#followed.delete(key)
  }

  [Symbol.dispose](): void {
    for (const key of [...this.#followed.keys()]) this.unfollow(key)
  }

  /**
   * One reading at a time; a change during it causes one more. Never rejects: an unreadable
   * directory has no files.
   */
  async #refresh(
    key: Key,
    entry: Followed<Value>,
    directory: UntrustedDirectory,
    reader: DirectoryReader<Value>,
  ): Promise<void> {
    entry.isStale = true
    if (entry.isReading) return
    entry.isReading = true
    while (entry.isStale) {
      entry.isStale = false
      const value = reader.read(await wholeFiles(directory, reader))
      if (this.#followed.get(key) !== entry) break
      if (value === entry.value) continue
      entry.value = value
      this.#changed(key, value)
    }
    entry.isReading = false
  }
}

async function wholeFiles<Value>(
  directory: UntrustedDirectory,
  { isWanted, limit }: DirectoryReader<Value>,
): Promise<readonly SmallFile[]> {
  return (await readAllUntrusted(directory, isWanted, limit)).filter(({ isWhole }) => isWhole)
}
