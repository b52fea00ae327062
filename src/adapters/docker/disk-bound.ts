import { statfs } from 'node:fs/promises'
import type { InstanceId } from '../../core/model/ids.ts'
import { measureDisk, type Measured } from './disk-measure.ts'

/** What the bound needs to know and to do about the instances. */
export interface DiskOwners {
  readonly limitBytes: number
  /** What an instance can write, on the host. */
  readonly directories: (instance: InstanceId) => readonly string[]
  /** The instances that run now. */
  readonly running: () => Iterable<InstanceId>
  /** Ends an instance that uses too much. Its files stay. */
  readonly end: (instance: InstanceId, cause: string) => Promise<void>
}

/** To ask a file system how full it is takes microseconds. */
const lookEveryMs = 2_000
/** Five million files on a slow disk. */
const measureLimitMs = 60_000
/** What an instance writes may hide behind what others delete at the same time. */
const longestTrustMs = 10 * 60_000
/** An instance is counted for at most a tenth of the time, except when it writes fast. */
const restPerMeasure = 9

interface Known {
  readonly bytes: number
  /** How full the file system was then. */
  readonly usedThen: number
  readonly at: number
  readonly tookMs: number
}

/**
 * Bounds what each instance uses of the disk. It uses at most what was last measured, and what the
 * file system as a whole grew since then; only when that passes the limit is the instance measured.
 * It is not paused for it: an engine whose container is paused while a command starts in it hangs.
 */
export function createDiskBound(owners: DiskOwners, measure = measureDisk, usedOf = usedBytes) {
  const { limitBytes, directories } = owners
  const known = new Map<InstanceId, Known>()

  const take = async (instance: InstanceId): Promise<Measured> => {
    const began = Date.now()
    const usedThen = await usedOf(directories(instance)[0] ?? '/')
    const measured = await measure(directories(instance), measureLimitMs)
    const at = Date.now()
    if (measured.bytes !== null)
      known.set(instance, { bytes: measured.bytes, usedThen, at, tookMs: at - began })
    return measured
  }

  const look = async (instance: InstanceId): Promise<void> => {
    const before = known.get(instance)
    if (before !== undefined) {
      const age = Date.now() - before.at
      const grown = (await usedOf(directories(instance)[0] ?? '/')) - before.usedThen
      const room = limitBytes - before.bytes
      const mayRest = grown <= room * 2 && age < before.tookMs * restPerMeasure
      if ((grown <= room || mayRest) && age < longestTrustMs) return
    }
    const cause = excessOf(await take(instance), limitBytes)
    if (cause !== null) await owners.end(instance, cause)
  }

  return {
    /** Before a launch: nothing of the instance runs. Throws when it uses too much already. */
    async admit(instance: InstanceId): Promise<void> {
      const cause = excessOf(await take(instance), limitBytes)
      if (cause === null) return
      const places = directories(instance).join(' or ')
      throw new Error(`${cause}. Remove files below ${places}, or raise limits.diskMb`)
    },

    /** Looks at all that run, one after the other. Never rejects. */
    async lookAtAll(): Promise<void> {
      // An engine that is away is tried again.
      for (const instance of owners.running()) await look(instance).catch(() => undefined)
    },

    /** Looks again and again, until disposed. */
    begin(): Disposable {
      let isWanted = true
      let timer: NodeJS.Timeout | undefined
      const look = async (): Promise<void> => {
        await this.lookAtAll()
        if (isWanted) timer = setTimeout(() => void look(), lookEveryMs)
      }
      timer = setTimeout(() => void look(), lookEveryMs)
      return {
        [Symbol.dispose]() {
          isWanted = false
          clearTimeout(timer)
        },
      }
    },
  }
}

export type DiskBound = ReturnType<typeof createDiskBound>

const MiB = 1024 * 1024

/** Why an instance may not go on; null when it may. What cannot be measured counts as too much. */
function excessOf(measured: Measured, limitBytes: number): string | null {
  const limit = `limits.diskMb is ${limitBytes / MiB}`
  if (measured.bytes === null)
    return `what it uses of the disk cannot be measured: ${measured.reason} (${limit})`
  if (measured.bytes <= limitBytes) return null
  return `it uses ${Math.round(measured.bytes / MiB)} MiB of the disk, and ${limit}`
}

async function usedBytes(path: string): Promise<number> {
  const { blocks, bfree, bsize } = await statfs(path)
  return (blocks - bfree) * bsize
}
