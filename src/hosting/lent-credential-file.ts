import { randomUUID } from 'node:crypto'
import { constants, open, readdir, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { FollowedDirectories } from './followed-directories.ts'
import { placeFile, type Owner } from './owned-file.ts'
import { readUntrusted } from './untrusted-file.ts'

export interface LentCredentialFile<Id> {
  readonly id: Id
  readonly text: string
}

/** Borrowers have a directory each in `root` that only we can write, and in it `folder`, in which they may do anything. */
interface Terms {
  readonly root: string
  readonly folder: string
  readonly name: string
  /** What is larger is not taken back. Bytes. */
  readonly limit: number
  readonly owner: Owner
}

/** Beside the folder, where the borrower cannot write it: what was lent is known by what we wrote, never by what it says itself. */
const record = 'lent'
const LARGEST_RECORD = 256
const ourselves = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }

/** One file per borrower, of which the borrower may make another version that we want to have. */
export class LentCredentialFiles<Key extends string, Id extends string> {
  readonly #terms: Terms
  readonly #ids = new Map<Key, Id>()
  readonly #listeners = new Set<(key: Key, file: LentCredentialFile<Id>) => void>()
  readonly #followed = new FollowedDirectories<Key, string>((key, text) => {
    const id = this.#ids.get(key)
    if (id === undefined || text === null) return
    for (const listener of [...this.#listeners]) listener(key, { id, text })
  })

  constructor(terms: Terms) {
    this.#terms = terms
  }

  /** Versions as they appear, beginning with the one that is there when a borrower comes to be followed. */
  watch(listener: (key: Key, file: LentCredentialFile<Id>) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  async place(key: Key, { id, text }: LentCredentialFile<Id>): Promise<void> {
    const { name, owner } = this.#terms
    const staging = this.#own(key)
    await using folder = await openFolder(this.#folder(key))
    if (folder === null)
      throw new Error(
        `${this.#folder(key)} is not a directory any more, so that ${id} cannot be put there`,
      )
    this.#forget(key)
    await placeFile(join(staging, record), id, { staging, owner: ourselves })
    await placeFile(within(folder, name), text, { staging, owner })
    await this.follow(key)
  }

  async follow(key: Key): Promise<void> {
    if (this.#followed.has(key)) return
    const id = await this.#idOf(key)
    if (id === null) return
    this.#ids.set(key, id)
    const { name, limit } = this.#terms
    await this.#followed.follow(key, this.#folder(key), {
      isWanted: (one) => one === name,
      limit,
      read: ([file]) => file?.text ?? null,
    })
  }

  /** What the borrower has now; null when nothing was lent to it, or when what was lent is gone. */
  async look(key: Key): Promise<LentCredentialFile<Id> | null> {
    const { name, limit } = this.#terms
    const id = await this.#idOf(key)
    const found = id === null ? null : await readUntrusted(join(this.#folder(key), name), limit)
    return id === null || found?.isWhole !== true ? null : { id, text: found.text }
  }

  /** Takes it away, whatever it is by now; answers its last version. It is moved to us first, so that what is read is what was taken. */
  async take(key: Key): Promise<LentCredentialFile<Id> | null> {
    const { name, limit } = this.#terms
    const id = await this.#idOf(key)
    const taken = join(this.#own(key), `.${randomUUID()}`)
    await using folder = await openFolder(this.#folder(key))
    if (folder !== null) await rename(within(folder, name), taken).catch(unlessAbsent)
    const found = await readUntrusted(taken, limit)
    this.#forget(key)
    await rm(taken, { recursive: true, force: true })
    await rm(join(this.#own(key), record), { force: true })
    return id === null || found?.isWhole !== true ? null : { id, text: found.text }
  }

  async borrowersOf(id: Id): Promise<readonly Key[]> {
    // The names of these directories are the keys under which they were made.
    const keys = (await readdir(this.#terms.root).catch(() => [])) as Key[]
    const ids = await Promise.all(keys.map((key) => this.#idOf(key)))
    return keys.filter((_, index) => ids[index] === id)
  }

  #forget(key: Key): void {
    this.#followed.unfollow(key)
    this.#ids.delete(key)
  }

  async #idOf(key: Key): Promise<Id | null> {
    const found = await readUntrusted(join(this.#own(key), record), LARGEST_RECORD)
    return found === null ? null : (found.text as Id)
  }

  readonly #own = (key: Key): string => join(this.#terms.root, key)
  readonly #folder = (key: Key): string => join(this.#own(key), this.#terms.folder)
}

/** Held open, a directory stays itself: whoever may rename it cannot put a link in its place between a look and what follows. */
const openFolder = (path: string): Promise<FileHandle | null> =>
  open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW).catch(() => null)

const within = (folder: FileHandle, name: string): string => `/proc/self/fd/${folder.fd}/${name}`

function unlessAbsent(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
}
