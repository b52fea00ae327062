import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** Clock ticks since the machine started; null when there is no such process, or only the zombie of one. */
export async function startTimeOf(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return stat === '' || state === 'Z' ? null : Number(rest[18])
}

/** Every process that has this very variable in its environment. */
export async function processesWith(variable: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const environments = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')))
  return pids.filter((_, index) => environments[index]?.split('\0').includes(variable))
}

/** Asks the processes to end, and ends those that have not after `graceMs`. */
export async function endProcesses(find: () => Promise<readonly number[]>, graceMs: number): Promise<void> {
  const deadline = Date.now() + graceMs
  for (const pid of await find()) signal(pid, 'SIGTERM')
  while (Date.now() < deadline && (await find()).length > 0) await sleep(50)
  for (const pid of await find()) signal(pid, 'SIGKILL')
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended by itself.
  }
}
