import { readdirSync, readFileSync } from 'node:fs'

/** Of one line of /proc/<pid>/stat; times in ticks. */
export interface ProcessTimes {
  readonly pid: number
  readonly parent: number
  /** When it began, in ticks since the machine started: with the pid, it names the process. */
  readonly began: number
  readonly own: number
  /** Of its children that ended and were waited for, and of theirs. */
  readonly ofEnded: number
}

/** Ticks of a second on every Linux that Node runs on (USER_HZ). */
export const ticksPerSecond = 100

/** The name in parentheses may itself hold spaces and parentheses. */
export function parseStat(text: string): ProcessTimes | null {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const at = (index: number): number => Number(fields[index - 3])
  const pid = Number.parseInt(text, 10)
  // Numbered as in proc(5), where the state is field 3. A zombie was not waited for yet.
  const times = {
    pid,
    parent: at(4),
    began: at(22),
    own: at(14) + at(15),
    ofEnded: at(16) + at(17),
  }
  return Object.values(times).every(Number.isSafeInteger) ? times : null
}

/** Null for a process that is gone. */
export function timesOf(pid: number): ProcessTimes | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return null
  }
}

export const allProcesses = (): readonly ProcessTimes[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => timesOf(Number(pid)) ?? [])

/** Ticks of each root with all that it started, living or waited for. */
export function treeTicks(
  processes: readonly ProcessTimes[],
  roots: ReadonlySet<number>,
): ReadonlyMap<number, number> {
  const children = Map.groupBy(processes, ({ parent }) => parent)
  const below = (process: ProcessTimes): number =>
    (children.get(process.pid) ?? [])
      .filter(({ pid }) => !roots.has(pid))
      .reduce((sum, child) => sum + below(child), process.own + process.ofEnded)
  return new Map(
    processes.filter(({ pid }) => roots.has(pid)).map((process) => [process.pid, below(process)]),
  )
}

/** Empty for a process that is gone. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/** Of the Docker engine; none where it runs elsewhere. */
export const engineProcesses = (): readonly number[] =>
  allProcesses()
    .map(({ pid }) => pid)
    .filter((pid) => /^[^\0]*\b(?:dockerd|containerd)\0/.test(commandOf(pid)))
