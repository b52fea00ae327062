import { FollowedDirectories, type DirectoryReader } from './followed-directories.ts'
import type { UntrustedDirectory } from './untrusted-file.ts'

type Notice<Id, Status> =
  | {
      readonly type: 'died'
      readonly instance: Id
      readonly launch: number
      readonly cause: string
      readonly blame?: 'engine'
    }
  | { readonly type: 'status'; readonly instance: Id; readonly status: Status | null }

/** Tracks which launches should be alive and what their agents report, and notifies listeners. */
export class Liveness<Id, Status> {
  readonly #alive = new Map<Id, number>()
  readonly #listeners = new Set<(notice: Notice<Id, Status>) => void>()
  readonly #statuses = new FollowedDirectories<Id, Status>((instance, status) =>
    this.#notify({ type: 'status', instance, status }),
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

  /** From now on the end of this launch is reported. */
  expectLife(instance: Id, launch: number): void {
    this.#alive.set(instance, launch)
  }

  isFollowed(instance: Id): boolean {
    return this.#statuses.has(instance)
  }

  /** Reads the status of an instance that is followed, in case its changes were missed. */
  async look(instance: Id): Promise<void> {
    await this.#statuses.look(instance)
  }

  async follow(
    instance: Id,
    directory: UntrustedDirectory,
    reader: DirectoryReader<Status>,
  ): Promise<void> {
    await this.#statuses.follow(instance, directory, reader)
  }

  /** From now on the end of the instance's launch is intended and not reported. */
  expectEnd(instance: Id): void {
    this.#alive.delete(instance)
    this.#statuses.unfollow(instance)
  }

  /** Reports the death once, of a launch that was expected to live. */
  reportDeath(instance: Id, launch: number, cause: string, blame?: 'engine'): void {
    if (this.#alive.get(instance) !== launch) return
    this.expectEnd(instance)
    this.#notify({
      type: 'died',
      instance,
      launch,
      cause,
      ...(blame === undefined ? {} : { blame }),
    })
  }

  #notify(notice: Notice<Id, Status>): void {
    for (const listener of [...this.#listeners]) listener(notice)
  }
}
