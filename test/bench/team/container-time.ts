import { readFileSync } from 'node:fs'
import { findEngine } from '../../../src/adapters/docker/engine.ts'
import { timesOf, ticksPerSecond } from './process-times.ts'

/** A container whose processor time is read; times in seconds. */
export interface WatchedContainer {
  readonly name: string
  /** What ran in it, as its control group counts; null when that is gone. */
  readonly inside: () => number | null
  /**
   * What the engine spent on it: the shim with the runc of each `docker exec`. What such an exec
   * ran is in the shim's children as well as in the control group, so it counts twice. Null once
   * the container has ended, as the shim has then waited for all of it.
   */
  readonly engine: () => number | null
}

/** Null for a container without a mount below `root`, and for one that ended meanwhile. */
export async function watchContainer(id: string, root: string): Promise<WatchedContainer | null> {
  const found = await findEngine()
    .api.getContainer(id)
    .inspect()
    .catch(() => null)
  const isOurs = found?.Mounts.some(({ Source }) => Source?.startsWith(root)) === true
  const init = found?.State.Pid ?? 0
  const times = timesOf(init)
  const usage = usageFile(init)
  if (!isOurs || found === null || times === null || usage === null) return null
  return {
    name: found.Name.replace(/^\//, ''),
    inside: usage,
    engine: () => {
      const shim = timesOf(times.parent)
      const isAlive = timesOf(init)?.began === times.began
      return shim === null || !isAlive ? null : (shim.own + shim.ofEnded) / ticksPerSecond
    },
  }
}

/** Reads the seconds of a process's control group, of either version. */
function usageFile(pid: number): (() => number | null) | null {
  const groups = read(`/proc/${pid}/cgroup`) ?? ''
  const first = /^\d+:(?:[\w,]*,)?cpuacct(?:,\w+)*:(.+)$/m.exec(groups)?.[1]
  if (first !== undefined) {
    const path = `/sys/fs/cgroup/cpuacct${first}/cpuacct.usage`
    return () => scaled(read(path), 1e9)
  }
  const second = /^0::(.+)$/m.exec(groups)?.[1]
  if (second === undefined) return null
  return () =>
    scaled(/^usage_usec (\d+)$/m.exec(read(`/sys/fs/cgroup${second}/cpu.stat`) ?? '')?.[1], 1e6)
}

const scaled = (text: string | null | undefined, perSecond: number): number | null =>
  text === null || text === undefined ? null : Number(text) / perSecond

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
