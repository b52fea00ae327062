import type { Instant } from '../../core/model/ids.ts'
import { reasonOf } from '../../lib/reason.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Backup, MaintainedStore } from '../../ports/store.ts'

export interface MaintenanceParts {
  readonly store: Pick<MaintainedStore, 'trim' | 'backUp' | 'newestBackup'>
  readonly clock: Clock
  /** Called when backups begin to fail, not for every failure. */
  readonly onProblem: (what: string, error: unknown) => void
}

export interface BackupHealth {
  readonly newest: Backup | null
  /** Why the last backup failed, and since when backups fail; null while they succeed. */
  readonly problem: { readonly reason: string; readonly since: Instant } | null
}

/** The longest time that is lost with a damaged database. */
const backupEveryMs = 10 * 60_000
/** Within this time a change that cannot be observed again is in a backup. */
const urgentBackupMs = 5_000
/** For the first backup of a run, and for another try after a failure. */
const soonBackupMs = 60_000

/** One day of ten busy workers: about 40 MB, which a start checks in 30 ms. */
const journalLines = 50_000
/** A batch takes some milliseconds; commits run in the pauses between batches. */
const linesPerBatch = 500
const batchPauseMs = 20

/**
 * Trims the journal and backs up the store. Works only after a change; while nothing changes, no
 * timer runs.
 */
export class Maintenance implements AsyncDisposable {
  readonly #parts: MaintenanceParts
  #alarm: (Disposable & { readonly at: Instant }) | null = null
  #working: Promise<void> = Promise.resolve()
  #isChanged = false
  #isBackingUp = false
  #isClosed = false
  #newest: Backup | null
  #problem: BackupHealth['problem'] = null

  constructor(parts: MaintenanceParts) {
    this.#parts = parts
    this.#newest = parts.store.newestBackup()
  }

  /** `isUrgent`: a run that is restored from an older backup would repeat this change. */
  onChange({ isUrgent }: { readonly isUrgent: boolean }): void {
    this.#isChanged = true
    this.#setAlarm(isUrgent ? urgentBackupMs : this.#newest === null ? soonBackupMs : backupEveryMs)
  }

  get backups(): BackupHealth {
    return { newest: this.#newest, problem: this.#problem }
  }

  /** Makes a last backup if anything has changed since the previous one. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#alarm?.[Symbol.dispose]()
    await this.#working
    if (this.#isChanged) await this.#backUp()
  }

  /** Keeps the alarm that is set already if it is earlier. */
  #setAlarm(ms: number): void {
    const { clock } = this.#parts
    const at = clock.now() + ms
    if (this.#isClosed || this.#isBackingUp || (this.#alarm !== null && this.#alarm.at <= at))
      return
    this.#alarm?.[Symbol.dispose]()
    const timer = clock.alarm(at, () => {
      this.#alarm = null
      this.#working = this.#work()
    })
    this.#alarm = { at, [Symbol.dispose]: () => timer[Symbol.dispose]() }
  }

  async #work(): Promise<void> {
    if (this.#trimBatch()) return this.#setAlarm(batchPauseMs)
    this.#isBackingUp = true
    await this.#backUp()
    this.#isBackingUp = false
    if (this.#isChanged) this.#setAlarm(this.#problem === null ? backupEveryMs : soonBackupMs)
  }

  /** True when there may be more to trim. The dispatcher reports a store that cannot be written. */
  #trimBatch(): boolean {
    try {
      return this.#parts.store.trim(journalLines, linesPerBatch) === linesPerBatch
    } catch {
      return false
    }
  }

  async #backUp(): Promise<void> {
    const { store, clock, onProblem } = this.#parts
    this.#isChanged = false
    try {
      this.#newest = await store.backUp(clock.now())
      this.#problem = null
    } catch (error) {
      this.#isChanged = true
      if (this.#problem === null) onProblem('backing up the database failed', error)
      this.#problem = { reason: reasonOf(error), since: this.#problem?.since ?? clock.now() }
    }
  }
}
