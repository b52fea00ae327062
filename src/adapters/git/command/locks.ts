import { existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/**
 * Removes the lock files and half-written packs of a server that was killed; the server is the
 * hub's only writer. Call it before the first command. A git that outlived its server gets a second
 * to remove its own lock.
 */
export async function removeStaleLocks(hub: string): Promise<void> {
  const leftovers = [
    ...(await list(hub, false)).filter(isLock),
    ...(await list(join(hub, 'refs'), true)).filter(isLock),
    ...(await list(join(hub, 'objects/info'), true)).filter(isLock),
    ...(await list(join(hub, 'objects/pack'), false)).filter(
      (path) => isLock(path) || /\/\.?tmp[-_][^/]*$/.test(path),
    ),
  ]
  await Promise.all(leftovers.map(removeOnceOld))
}

/**
 * Removes the lock at which a command failed, when no living process can hold it: every git that
 * writes in the hub is ours, and each one under way began after the lock was made. False when that
 * is not certain, or when something else caused the failure.
 */
export async function removeDeadLock(
  hub: string,
  stderr: string,
  mayBeHeld: (madeAt: number) => boolean,
): Promise<boolean> {
  const path = /Unable to create '([^'\n]+\.lock)': File exists/.exec(stderr)?.[1]
  if (path === undefined || !path.startsWith(`${hub}${sep}`)) return false
  const entry = await stat(path).catch(() => null)
  if (entry === null) return true
  await setTimeout(graceMs(entry.mtimeMs))
  const now = await stat(path).catch(() => null)
  if (now === null) return true
  if (now.ino !== entry.ino || now.mtimeMs !== entry.mtimeMs || mayBeHeld(now.mtimeMs)) return false
  await rm(path, { force: true })
  return true
}

/** When a command began: by the clock of the machine, and by one that is never set. */
export interface Beginning {
  readonly at: number
  readonly monotonic: number
}

export const beginning = (): Beginning => ({ at: Date.now(), monotonic: performance.now() })

/**
 * Whether a command that began then, and still runs now, may hold a lock that was made at `madeAt`.
 * If the clock was set meanwhile, the two times cannot be compared. A lock from the future was made
 * before the clock was set back, so by no command that began later.
 */
export function mayHold(began: Beginning, madeAt: number, now = beginning()): boolean {
  const setBy = now.at - began.at - (now.monotonic - began.monotonic)
  if (Math.abs(setBy) > clockTolerance) return true
  return began.at <= madeAt + tickMs && madeAt <= now.at + tickMs
}

/** Milliseconds; a clock that is corrected in small steps drifts by less. */
const clockTolerance = 500

/**
 * Files are stamped with the time of the kernel's last tick: a lock may look older by this much
 * than the command that made it (CONFIG_HZ=100).
 */
const tickMs = 10

const isLock = (path: string): boolean => path.endsWith('.lock')

async function list(directory: string, recursive: boolean): Promise<readonly string[]> {
  const names = existsSync(directory) ? await readdir(directory, { recursive }) : []
  return names.map((name) => join(directory, name))
}

async function removeOnceOld(path: string): Promise<void> {
  const entry = await stat(path).catch(() => null)
  if (entry === null) return
  await setTimeout(graceMs(entry.mtimeMs))
  await rm(path, { force: true })
}

/** Waits until the lock is a second old. */
const graceMs = (madeAt: number): number => Math.min(1000, Math.max(0, madeAt + 1000 - Date.now()))
