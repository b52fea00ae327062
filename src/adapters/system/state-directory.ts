import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { RunId } from '../../core/model/ids.ts'

/** Below this a run cannot even begin: the hub, the workspaces and the database all grow. */
export const leastFreeMiB = 256
const MiB = 1024 * 1024

/** The server's directory; its layout is in ARCHITECTURE.md. */
export interface StateDirectory {
  readonly path: string
  /** This start created it, and removes it again if the start fails. */
  readonly isNew: boolean
  readonly database: string
  readonly hub: string
  /** Of saved work; `backups/` holds copies of the database. */
  readonly backupRepository: string
  readonly logs: string
  /** The server's own log. */
  readonly serverLog: string
  readonly report: string
  /**
   * Derived from the secret, so that resources named after it can be found even when no state was
   * written.
   */
  readonly run: RunId
  /** The secret from which the launches' tokens are derived. */
  readonly secret: string
  readonly operatorToken: string
  readonly operatorTokenFile: string
  readonly readerToken: string
}

/** Creates or opens the directory; throws with a remedy when it cannot be used. */
export function openStateDirectory(path: string): StateDirectory {
  refuseFullDisk(path)
  const isNew = makeDirectory(path)
  const secret = keepSecret(join(path, 'secret'))
  return {
    path,
    isNew,
    run: RunId(createHash('sha256').update(secret).digest('hex').slice(0, 8)),
    database: join(path, 'orchestrator.db'),
    hub: join(path, 'hub.git'),
    backupRepository: join(path, 'backups.git'),
    logs: join(path, 'logs'),
    serverLog: join(path, 'logs', 'server.log'),
    report: join(path, 'report.md'),
    secret,
    operatorToken: keepSecret(join(path, 'operator-token')),
    operatorTokenFile: join(path, 'operator-token'),
    readerToken: keepSecret(join(path, 'reader-token')),
  }
}

/** True when the directory was created. */
function makeDirectory(path: string): boolean {
  try {
    const isNew = mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined
    mkdirSync(join(path, 'logs'), { recursive: true, mode: 0o700 })
    chmodSync(path, 0o700)
    return isNew
  } catch (error) {
    throw new Error(
      `${path}: the state directory cannot be made or entered; choose another one with ` +
        '--state or stateDirectory',
      {
        cause: error,
      },
    )
  }
}

/** Checked before anything is created, at the nearest existing directory. */
function refuseFullDisk(path: string): void {
  const free = freeMiB(nearestDirectory(path))
  if (free >= leastFreeMiB) return
  throw new Error(
    `${path}: only ${free} MiB are free there and a run needs ${leastFreeMiB}; free some, or ` +
      'choose another place with --state',
  )
}

export function freeMiB(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return Math.floor((bavail * bsize) / MiB)
}

const nearestDirectory = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : nearestDirectory(dirname(path))

/** Replaces the file as a whole; after a power failure it is the new one. */
export function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
  keepNames(dirname(path))
}

/** Names of files are on the disk only with their directory. */
export function keepNames(directory: string): void {
  const descriptor = openSync(directory, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Reads the secret, or creates it the first time. */
function keepSecret(path: string): string {
  try {
    const kept = readFileSync(path, 'utf8').trim()
    if (kept.length >= 32) return kept
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      throw new Error(`reading ${path} failed`, { cause: error })
  }
  const made = randomBytes(32).toString('base64url')
  writeWhole(path, `${made}\n`)
  return made
}

const owner = z.object({ pid: z.number(), url: z.string() })
const ownerFile = (directory: string): string => join(directory, 'server.json')

/** Records which server uses this directory, for the error message of another one. */
export function nameOwner(directory: string, url: string): void {
  writeWhole(ownerFile(directory), `${JSON.stringify({ pid: process.pid, url })}\n`)
}

export function ownerOf(directory: string): string {
  try {
    const { pid, url } = owner.parse(JSON.parse(readFileSync(ownerFile(directory), 'utf8')))
    return `pid ${pid} at ${url}`
  } catch {
    return 'it has not said yet who it is'
  }
}
