import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

const lookEveryMs = 20

/** In MiB. */
export interface Peak {
  /** Of the server, above what it used before. */
  readonly server: number
  /** Of the largest git that it started. */
  readonly git: number
}

/** What the server with this state directory uses at most while the job is done. */
export async function peakDuring(state: string, job: () => Promise<void>): Promise<Peak> {
  const server = processOf(state)
  const before = memoryOf(server, 'VmRSS')
  let peak = { server: 0, git: 0 }
  const ended = new AbortController()
  const looking = (async () => {
    while (!ended.signal.aborted) {
      const gits = childrenOf(server).filter((pid) => /^Name:\s+git/.test(read(pid, 'status')))
      peak = {
        server: Math.max(peak.server, memoryOf(server, 'VmRSS') - before),
        git: Math.max(peak.git, ...gits.map((pid) => memoryOf(pid, 'VmHWM'))),
      }
      await delay(lookEveryMs)
    }
  })()
  try {
    await job()
  } finally {
    ended.abort()
    await looking
  }
  return peak
}

function processOf(state: string): number {
  const found = pids().find((pid) => {
    const words = read(pid, 'cmdline').split('\0')
    return words.includes(state) && words.some((word) => word.endsWith('server.js'))
  })
  if (found === undefined) throw new Error(`no server runs on ${state}`)
  return found
}

function childrenOf(root: number): readonly number[] {
  const parents = new Map(
    pids().map((pid) => [pid, Number(/^PPid:\s+(\d+)$/m.exec(read(pid, 'status'))?.[1] ?? 0)]),
  )
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid)
    return parent !== undefined && (parent === root || isBelow(parent))
  }
  return [...parents.keys()].filter(isBelow)
}

const pids = (): readonly number[] =>
  readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []))

const memoryOf = (pid: number, what: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`^${what}:\\s+(\\d+) kB`, 'm').exec(read(pid, 'status'))?.[1] ?? 0) / 1024

/** Empty for a process that has ended. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
