import type { Instant } from '../../core/model/ids.ts'
import { reasonOf } from '../../lib/reason.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Backup, MaintainedStore } from '../../ports/store.ts'

export interface MaintenanceParts {
  readonly store: Pick<MaintainedStore, 'trim' | 'backUp' | 'newestBackup'>
  readonly clock: Clock
  /** Called once when backups begin to fail, and again when they begin to fail another time. */
  readonly onProblem: (what: string, error: unknown) => void
}

export interface BackupHealth {
  readonly newest: Backup | null
  /** Why the last one failed, and since when none succeeds. */
  readonly trouble: { readonly reason: string; readonly since: Instant } | null
}

/** What a damaged database costs at most. */
const everyMs = 10 * 60_000
/** What the outside cannot be asked for again is in a backup by then. */
const urgentMs = 5_000
/** A run that has no backup yet gets its first one soon, and a failed one is tried again. */
const soonMs = 60_000

/** A day of ten workers that are never idle; about 40 MB, which are checked in 30 ms at a start. */
const journalLines = 50_000
/** Some milliseconds of deleting at a time; whoever wants to commit comes between. */
const linesAtOnce = 500
const pauseMs = 20

/** Keeps the store small and copied while it changes. While nothing changes, nothing is done, and no timer runs. */
export class Maintenance implements AsyncDisposable {
  readonly #parts: MaintenanceParts
  #alarm: (Disposable & { readonly at: Instant }) | null = null
  #working: Promise<void> = Promise.resolve()
  #isChanged = false
  #isWorking = false
  #isClosed = false
  #newest: Backup | null
  #trouble: BackupHealth['trouble'] = null

  constructor(parts: MaintenanceParts) {
    this.#parts = parts
    this.#newest = parts.store.newestBackup()
  }

  /** `isUrgent`: a backup from before this change would be a bad one to go on from. */
  noteChange({ isUrgent }: { readonly isUrgent: boolean }): void {
    this.#isChanged = true
    this.#setAlarm(isUrgent ? urgentMs : this.#newest === null ? soonMs : everyMs)
  }

  get backups(): BackupHealth {
    return { newest: this.#newest, trouble: this.#trouble }
  }

  /** A last backup, if anything has changed since the one before. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#alarm?.[Symbol.dispose]()
    await this.#working
    if (this.#isChanged) await this.#backUp()
  }

  /** The earliest alarm counts. */
  #setAlarm(ms: number): void {
    const { clock } = this.#parts
    const at = clock.now() + ms
    if (this.#isClosed || this.#isWorking || (this.#alarm !== null && this.#alarm.at <= at)) return
    this.#alarm?.[Symbol.dispose]()
    const timer = clock.alarm(at, () => {
      this.#alarm = null
      this.#working = this.#keep()
    })
    this.#alarm = { at, [Symbol.dispose]: () => timer[Symbol.dispose]() }
  }

  async #keep(): Promise<void> {
    if (this.#trim()) return this.#setAlarm(pauseMs)
    this.#isWorking = true
    await this.#backUp()
    this.#isWorking = false
    if (this.#isChanged) this.#setAlarm(this.#trouble === null ? everyMs : soonMs)
  }

  /** Whether there may be more to trim. A disk that is full is the dispatcher's to tell. */
  #trim(): boolean {
    try {
      return this.#parts.store.trim(journalLines, linesAtOnce) === linesAtOnce
    } catch {
      return false
    }
  }

  async #backUp(): Promise<void> {
    const { store, clock, onProblem } = this.#parts
    this.#isChanged = false
    try {
      this.#newest = await store.backUp(clock.now())
      this.#trouble = null
    } catch (error) {
      this.#isChanged = true
      if (this.#trouble === null) onProblem('backing up the database failed', error)
      this.#trouble = { reason: reasonOf(error), since: this.#trouble?.since ?? clock.now() }
    }
  }
}
