import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Instant } from '../../core/model/ids.ts'
import type { Backup } from '../../ports/store.ts'
import { damageInCopy } from './integrity.ts'

/** At one backup in ten minutes, six are the last hour. */
const newestKept = 6
/** Besides these, the last backup of each hour is kept. */
const keptForMs = 24 * 3_600_000

/**
 * Free space that is left for commits: a copy that fills the disk would stop the database that it
 * protects.
 */
const leftFreeMiB = 16
const MiB = 1024 * 1024

/** `orchestrator-2026-11-20T10-55-03Z.db`: the names sort by time. */
const shape = /^orchestrator-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z\.db$/

/**
 * The backups of one database. Each is complete: it was checked and written to the disk before it
 * got its name.
 */
export class Backups {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Where a copy is written before it is complete; leftovers of a crash are removed. */
  begin(database: string): string {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    this.abandon()
    const { bavail, bsize } = statfsSync(this.#directory)
    const neededMiB = Math.ceil(statSync(database).size / MiB) + leftFreeMiB
    const freeMiB = Math.floor((bavail * bsize) / MiB)
    if (freeMiB < neededMiB)
      throw new Error(`only ${freeMiB} MiB are free there and a copy needs ${neededMiB}`)
    return join(this.#directory, 'unfinished')
  }

  abandon(): void {
    for (const suffix of ['', '-wal', '-journal'])
      rmSync(join(this.#directory, `unfinished${suffix}`), { force: true })
  }

  /**
   * Throws when the copy is not intact. It does not become a backup, and the existing ones stay.
   */
  finish(at: Instant): Backup {
    const unfinished = join(this.#directory, 'unfinished')
    const damage = damageInCopy(unfinished)
    if (damage !== null) throw new Error(`the copy is not whole: ${damage}`)
    chmodSync(unfinished, 0o600)
    persist(unfinished)
    const backup = { path: join(this.#directory, nameOf(at)), at: secondOf(at) }
    renameSync(unfinished, backup.path)
    persist(this.#directory)
    this.#prune(at)
    return backup
  }

  /** Newest first. */
  list(): readonly Backup[] {
    if (!existsSync(this.#directory)) return []
    return readdirSync(this.#directory)
      .flatMap((name) => {
        const at = timeOf(name)
        return at === null ? [] : [{ path: join(this.#directory, name), at }]
      })
      .toSorted((one, other) => other.at - one.at)
  }

  #prune(now: Instant): void {
    const hours = new Set<number>()
    for (const [index, { path, at }] of this.list().entries()) {
      const hour = Math.floor(at / 3_600_000)
      const isLastOfItsHour = !hours.has(hour) && at > now - keptForMs
      hours.add(hour)
      if (index >= newestKept && !isLastOfItsHour) rmSync(path)
    }
  }
}

const secondOf = (at: Instant): Instant => Math.floor(at / 1_000) * 1_000

const nameOf = (at: Instant): string =>
  `orchestrator-${new Date(at).toISOString().slice(0, 19).replaceAll(':', '-')}Z.db`

function timeOf(name: string): Instant | null {
  const [, day, hours, minutes, seconds] = shape.exec(name) ?? []
  return day === undefined ? null : Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`)
}

/** A file's name is only on the disk once its directory is. */
function persist(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
