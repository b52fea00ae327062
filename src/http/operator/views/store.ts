import type { WriteOutage } from '../../../engine/dispatch/outage.ts'
import type { BackupHealth } from '../../../engine/observe/maintenance.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import type { StoreView } from '../../contract/store.ts'

export interface StoreHealth {
  readonly directory: string
  readonly freeMiB: number
  /** With less free space than this the server warns, before writes fail. */
  readonly leastFreeMiB: number
  /** Null while the database can be written. */
  readonly writeOutage: WriteOutage | null
  /** How many events wait in memory until they can be written. */
  readonly waiting: number
  readonly backups: BackupHealth
}

export function viewStore(health: StoreHealth): StoreView {
  const { directory, freeMiB, writeOutage, waiting, backups } = health
  const { newest, problem } = backups
  return {
    directory,
    freeMiB,
    standstill:
      writeOutage === null
        ? null
        : {
            reason: writeOutage.reason,
            since: isoTime(writeOutage.since),
            waiting,
            meanwhile:
              'the server decides and merges nothing; the instances continue and keep their ' +
              'events; the server tries to write every second, and everything resumes by itself',
          },
    backup: newest === null ? null : { path: newest.path, at: isoTime(newest.at) },
    backupTrouble:
      problem === null ? null : { reason: problem.reason, since: isoTime(problem.since) },
    needs: outageNeeds(health) ?? warningsOf(health)[0] ?? null,
  }
}

/** The same without a path and without what other programs said. */
export const withoutNames = (health: StoreHealth): StoreHealth => ({
  ...health,
  directory: 'the state directory',
  writeOutage: health.writeOutage && {
    ...health.writeOutage,
    reason: 'the database cannot be written',
  },
  backups: {
    newest: null,
    problem: health.backups.problem && {
      ...health.backups.problem,
      reason: 'the log has the reason',
    },
  },
})

/** Why the database cannot be written, and what a human must do; null while it can. */
export function describeWriteOutage(health: StoreHealth): string | null {
  const { writeOutage } = health
  if (writeOutage === null) return null
  const { reason, since } = writeOutage
  return `${reason} (since ${isoTime(since)}): ${outageNeeds(health) ?? ''}`
}

/** What does not stop the run yet; empty during a write outage, which is reported on its own. */
export function warningsOf(health: StoreHealth): readonly string[] {
  const { directory, freeMiB, leastFreeMiB, writeOutage, backups } = health
  if (writeOutage !== null) return []
  const low = `only ${freeMiB} MiB are free in ${directory}: free some space before writes fail`
  const { problem } = backups
  return [
    ...(freeMiB < leastFreeMiB ? [low] : []),
    ...(problem === null
      ? []
      : [`the database cannot be backed up to ${directory}/backups: ${problem.reason}`]),
  ]
}

function outageNeeds(health: StoreHealth): string | null {
  const { directory, freeMiB, leastFreeMiB, writeOutage } = health
  if (writeOutage === null) return null
  if (freeMiB < leastFreeMiB) return `free some space in ${directory}: ${freeMiB} MiB are left`
  return (
    `make ${directory} writable; ${freeMiB} MiB are free there, ` +
    'so missing space is not the cause'
  )
}
