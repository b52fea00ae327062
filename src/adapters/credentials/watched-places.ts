import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { CredentialProblem } from '../../ports/vault.ts'
import type { Place } from './find-files.ts'

interface Watched {
  readonly watcher: FSWatcher
  /** Detects that another directory has taken the same path. */
  readonly inode: string
  only: ReadonlySet<string> | null
}

/**
 * While a directory cannot be watched, the caller looks into it so often. The limits of the kernel
 * are those of a user: an instance of the same user can use them up.
 */
export const unwatchedLookMs = 10_000

/**
 * Reports that something happened in a changing set of directories; the caller looks up what it
 * was.
 */
export class WatchedPlaces implements Disposable {
  readonly #watched = new Map<string, Watched>()
  #hasUnwatched = false
  readonly #happened: () => void

  constructor(happened: () => void) {
    this.#happened = happened
  }

  /** After the last call of `follow`, changes of one of the directories are not reported. */
  get hasUnwatched(): boolean {
    return this.#hasUnwatched
  }

  /**
   * Watches exactly these directories. `isNew` when changes before this call may have been missed
   * in one of them.
   */
  async follow(
    places: readonly Place[],
  ): Promise<{ readonly isNew: boolean; readonly problems: readonly CredentialProblem[] }> {
    const wanted = Map.groupBy(places, ({ path }) => path)
    const problems: CredentialProblem[] = []
    let isNew = false
    for (const path of this.#watched.keys()) if (!wanted.has(path)) this.#drop(path)
    for (const [path, asked] of wanted) {
      const only = asked.some((place) => place.only === null)
        ? null
        : new Set(asked.flatMap((place) => place.only ?? []))
      const inode = await inodeOf(path)
      const known = this.#watched.get(path)
      if (known?.inode === inode) {
        known.only = only
        continue
      }
      this.#drop(path)
      if (inode === null) continue
      try {
        this.#watch(path, inode, only)
        isNew = true
      } catch (error) {
        problems.push(unwatchable(path, error))
      }
    }
    this.#hasUnwatched = problems.length > 0
    return { isNew, problems }
  }

  [Symbol.dispose](): void {
    for (const path of this.#watched.keys()) this.#drop(path)
  }

  #watch(path: string, inode: string, only: ReadonlySet<string> | null): void {
    const watcher = watch(path, { persistent: false }, (_event, name) => {
      if (entry.only === null || name === null || entry.only.has(name)) this.#happened()
    })
    const entry: Watched = { watcher, inode, only }
    watcher.on('error', () => {
      this.#drop(path)
      this.#happened()
    })
    this.#watched.set(path, entry)
  }

  #drop(path: string): void {
    this.#watched.get(path)?.watcher.close()
    this.#watched.delete(path)
  }
}

async function inodeOf(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => null)
  return found?.isDirectory() ? `${found.dev}:${found.ino}` : null
}

function unwatchable(path: string, error: unknown): CredentialProblem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  const way = waysOut[code] ?? 'let the user that runs the server read it'
  const remedy = `${way}; until then it is read every ${unwatchedLookMs / 1_000} s`
  return { file: path, key: null, what: `cannot be watched (${code})`, remedy }
}

const waysOut: Readonly<Record<string, string>> = {
  ENOSPC: 'raise fs.inotify.max_user_watches',
  EMFILE: 'raise fs.inotify.max_user_instances',
}
