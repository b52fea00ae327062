import { FollowedDirectories, type Meaning } from './followed-directories.ts'

type Notice<Id, Status> =
  | {
      readonly type: 'died'
      readonly instance: Id
      readonly launch: number
      readonly cause: string
      readonly blame?: 'engine'
    }
  | { readonly type: 'status'; readonly instance: Id; readonly status: Status | null }

/** Which launches live as far as we know, what their agents say, and who wants to hear when either changes. */
export class Liveness<Id, Status> {
  readonly #alive = new Map<Id, number>()
  readonly #listeners = new Set<(notice: Notice<Id, Status>) => void>()
  readonly #statuses = new FollowedDirectories<Id, Status>((instance, status) =>
    this.#tell({ type: 'status', instance, status }),
  )

  listen(listener: (notice: Notice<Id, Status>) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  status(instance: Id): Status | null {
    return this.#statuses.get(instance)
  }

  launchOf(instance: Id): number | null {
    return this.#alive.get(instance) ?? null
  }

  alive(): ReadonlyMap<Id, number> {
    return new Map(this.#alive)
  }

  /** From now on its end is news. */
  expectLife(instance: Id, launch: number): void {
    this.#alive.set(instance, launch)
  }

  isFollowed(instance: Id): boolean {
    return this.#statuses.has(instance)
  }

  async follow(instance: Id, directory: string, meaning: Meaning<Status>): Promise<void> {
    await this.#statuses.follow(instance, directory, meaning)
  }

  /** Its end is our own doing, and no news. */
  expectEnd(instance: Id): void {
    this.#alive.delete(instance)
    this.#statuses.unfollow(instance)
  }

  /** Says so once, for a launch that was expected to live. */
  reportDeath(instance: Id, launch: number, cause: string, blame?: 'engine'): void {
    if (this.#alive.get(instance) !== launch) return
    this.expectEnd(instance)
    this.#tell({ type: 'died', instance, launch, cause, ...(blame === undefined ? {} : { blame }) })
  }

  #tell(notice: Notice<Id, Status>): void {
    for (const listener of [...this.#listeners]) listener(notice)
  }
}
