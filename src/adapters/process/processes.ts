import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * The start time in clock ticks since boot; null when there is no such process, or only its zombie.
 */
export async function startTimeOf(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return stat === '' || state === 'Z' ? null : Number(rest[18])
}

/** Every process that has exactly this variable in its environment. */
export async function processesWith(variable: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const environments = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')),
  )
  return pids.filter((_, index) => environments[index]?.split('\0').includes(variable))
}

/**
 * Asks the processes to end, including those that they start meanwhile, and kills the rest after
 * `graceMs`. A single look that finds nothing is not enough: a process that was about to end may
 * have started another one unseen.
 */
export async function endProcesses(
  find: () => Promise<readonly number[]>,
  graceMs: number,
): Promise<void> {
  const deadline = Date.now() + graceMs
  const asked = new Set<number>()
  for (let vainLooks = 0; vainLooks < LOOKS; ) {
    const left = await find()
    vainLooks = left.length === 0 ? vainLooks + 1 : 0
    const isOver = Date.now() >= deadline
    for (const pid of left.filter((pid) => isOver || !asked.has(pid)))
      signal(pid, isOver ? 'SIGKILL' : 'SIGTERM')
    for (const pid of left) asked.add(pid)
    await sleep(20)
  }
}

const LOOKS = 2

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has already ended.
  }
}
