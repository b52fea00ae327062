import { randomUUID } from 'node:crypto'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { discard } from './discard.ts'
import { FollowedDirectories } from './followed-directories.ts'
import { placeFile, type Owner } from './owned-file.ts'
import {
  openRegained,
  readUntrusted,
  readWithin,
  within,
  type UntrustedDirectory,
} from './untrusted-file.ts'

export interface LentCredentialFile<Id> {
  readonly id: Id
  readonly text: string
}

/**
 * Each borrower has a directory in `root` that only the server can write, and in it `folder`, in
 * which the borrower may do anything.
 */
interface Terms {
  readonly root: string
  readonly folder: string
  readonly name: string
  /** Larger files are not read back. Bytes. */
  readonly limit: number
  readonly owner: Owner
}

/**
 * Beside the folder, where the borrower cannot write: which file was lent is known from this
 * record, never from the file itself.
 */
const record = 'lent'
const LARGEST_RECORD = 256
const ourselves = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }

/** One file per borrower, which the borrower may rewrite; we read its version back. */
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

  /**
   * Reports versions as they appear, from the one that is there when following a borrower begins.
   */
  watch(listener: (key: Key, file: LentCredentialFile<Id>) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  async place(key: Key, { id, text }: LentCredentialFile<Id>): Promise<void> {
    const { name, owner, folder: folderName } = this.#terms
    const staging = this.#own(key)
    await using folder = await openRegained(this.#folder(key))
    if (folder === null)
      throw new Error(
        `${join(staging, folderName)} is not a directory any more, so that ${id} cannot be put there`,
      )
    this.#forget(key)
    await placeFile(join(staging, record), id, { staging, owner: ourselves })
    await placeFile(within(folder, name), text, { staging, owner })
    await this.follow(key)
  }

  /** Called again, it looks for a version that was missed. */
  async follow(key: Key): Promise<void> {
    if (this.#followed.has(key)) return await this.#followed.look(key)
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

  /** The borrower's current version; null when nothing was lent to it, or the file is gone. */
  async look(key: Key): Promise<LentCredentialFile<Id> | null> {
    const { name, limit, owner } = this.#terms
    const id = await this.#idOf(key)
    await using folder = id === null ? null : await openRegained(this.#folder(key))
    const found = folder === null ? null : await readWithin(folder, name, { limit, uid: owner.uid })
    return id === null || found?.isWhole !== true ? null : { id, text: found.text }
  }

  /**
   * Removes the file and returns its last version. It is moved to the server's directory before it
   * is read, so that the text is that of the removed file.
   */
  async take(key: Key): Promise<LentCredentialFile<Id> | null> {
    const { name, limit } = this.#terms
    const id = await this.#idOf(key)
    const own = this.#own(key)
    const taken = `.${randomUUID()}`
    await using folder = await openRegained(this.#folder(key))
    if (folder !== null) await rename(within(folder, name), join(own, taken)).catch(unlessAbsent)
    const found = await readUntrusted({ ...this.#folder(key), below: '' }, taken, limit)
    this.#forget(key)
    await discard(join(own, taken))
    await rm(join(own, record), { force: true })
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
    const found = await readUntrusted(
      { root: this.#own(key), below: '', uid: ourselves.uid },
      record,
      LARGEST_RECORD,
    )
    return found === null ? null : (found.text as Id)
  }

  readonly #own = (key: Key): string => join(this.#terms.root, key)
  readonly #folder = (key: Key): UntrustedDirectory => ({
    root: this.#own(key),
    below: this.#terms.folder,
    uid: this.#terms.owner.uid,
  })
}

function unlessAbsent(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
}
