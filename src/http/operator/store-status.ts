import type { WriteOutage } from '../../engine/dispatch/dispatcher.ts'
import type { BackupHealth } from '../../engine/observe/maintenance.ts'

export interface StoreHealth {
  readonly directory: string
  readonly freeMiB: number
  /** Below this a human should know before nothing works any more. */
  readonly leastFreeMiB: number
  readonly standstill: WriteOutage | null
  /** Facts in memory until they can be written. */
  readonly waiting: number
  readonly backups: BackupHealth
}

/** How the place stands in which everything is kept, for `/status`. */
export function storeStatus(health: StoreHealth) {
  const { directory, freeMiB, standstill, waiting, backups } = health
  return {
    directory,
    freeMiB,
    standstill:
      standstill === null
        ? null
        : {
            reason: standstill.reason,
            since: time(standstill.since),
            waiting,
            meanwhile:
              'nothing is decided or merged; the instances work on and keep what they tell; writing is tried every second, and everything resumes by itself',
          },
    backup:
      backups.newest === null ? null : { path: backups.newest.path, at: time(backups.newest.at) },
    backupTrouble:
      backups.trouble === null
        ? null
        : { reason: backups.trouble.reason, since: time(backups.trouble.since) },
    needs: standstillNeeds(health) ?? warningsOf(health)[0] ?? null,
  }
}

/** What keeps the server from its work, as one sentence for whoever supervises it; null when nothing does. */
export function standstillOf(health: StoreHealth): string | null {
  const { standstill } = health
  return standstill === null
    ? null
    : `${standstill.reason} (since ${time(standstill.since)}): ${standstillNeeds(health) ?? ''}`
}

/** What does not hinder the run yet. */
export function warningsOf({
  directory,
  freeMiB,
  leastFreeMiB,
  standstill,
  backups,
}: StoreHealth): readonly string[] {
  if (standstill !== null) return []
  const isLow = freeMiB < leastFreeMiB
  return [
    ...(isLow
      ? [
          `only ${freeMiB} MiB are free in ${directory}: free some space before nothing can be written any more`,
        ]
      : []),
    ...(backups.trouble === null
      ? []
      : [`the database cannot be backed up to ${directory}/backups: ${backups.trouble.reason}`]),
  ]
}

function standstillNeeds({
  directory,
  freeMiB,
  leastFreeMiB,
  standstill,
}: StoreHealth): string | null {
  if (standstill === null) return null
  if (freeMiB < leastFreeMiB) return `free some space in ${directory}: ${freeMiB} MiB are left`
  return `see to it that ${directory} can be written; ${freeMiB} MiB are free there, so space is not what is missing`
}

const time = (at: number): string => new Date(at).toISOString()
