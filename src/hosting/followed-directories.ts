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
  readonly directory: UntrustedDirectory
  readonly reader: DirectoryReader<Value>
  /** Null while the kernel grants none: its limits are those of a user, and others use them up. */
  watcher: FSWatcher | null
  value: Value | null
  isReading: boolean
  isStale: boolean
}

/**
 * Reads small files that an untrusted process writes, again whenever their directory changes; one
 * directory per key. Changes may be missed: the kernel may refuse a watch or drop its events. So
 * the owner calls `look` from time to time.
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
    this.#followed.set(key, {
      directory,
      reader,
      watcher: null,
      value: null,
      isReading: false,
      isStale: false,
    })
    await this.look(key)
  }

  /**
   * Reads a directory that is followed, and watches it if that was not possible before. Takes one
   * reading at most, whatever changes meanwhile.
   */
  async look(key: Key): Promise<void> {
    const entry = this.#followed.get(key)
    if (entry === undefined) return
    await this.#ensureWatched(key, entry)
    await this.#refresh(key, entry)
  }

  unfollow(key: Key): void {
    this.#followed.get(key)?.watcher?.close()
    this.#followed.delete(key)
  }

  [Symbol.dispose](): void {
    for (const key of [...this.#followed.keys()]) this.unfollow(key)
  }

  async #ensureWatched(key: Key, entry: Followed<Value>): Promise<void> {
    if (entry.watcher !== null) return
    await using opened = await openUntrusted(entry.directory)
    const isWanted = this.#followed.get(key) === entry && entry.watcher === null
    if (opened === null || !isWanted) return
    const refresh = (): void => void this.#refresh(key, entry)
    try {
      const watcher = watch(pathOf(opened), { persistent: false }, refresh)
      entry.watcher = watcher.on('error', () => {
        watcher.close()
        entry.watcher = null
      })
    } catch {
      entry.watcher = null
    }
  }

  /** One reading at a time; a change during it causes one more, for which no caller waits. */
  async #refresh(key: Key, entry: Followed<Value>): Promise<void> {
    entry.isStale = true
    if (entry.isReading) return
    entry.isReading = true
    entry.isStale = false
    await this.#read(key, entry)
    entry.isReading = false
    if (entry.isStale && this.#followed.get(key) === entry) void this.#refresh(key, entry)
  }

  /** Never rejects: an unreadable directory has no files. */
  async #read(key: Key, entry: Followed<Value>): Promise<void> {
    const value = entry.reader.read(await wholeFiles(entry))
    if (this.#followed.get(key) !== entry || value === entry.value) return
    entry.value = value
    this.#changed(key, value)
  }
}

async function wholeFiles<Value>({
  directory,
  reader: { isWanted, limit },
}: Followed<Value>): Promise<readonly SmallFile[]> {
  return (await readAllUntrusted(directory, isWanted, limit)).filter(({ isWhole }) => isWhole)
}
