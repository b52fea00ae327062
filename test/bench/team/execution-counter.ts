import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { engineProcesses } from './process-times.ts'

const run = promisify(execFile)

/**
 * Counts the programs that this process and the container engine start, with all that those start,
 * from the kernel's own event `sched_process_exec`. What was there before is left out, such as the
 * containers of others. Null where tracefs cannot be used, which needs root.
 */
export async function countExecutions() {
  const place = await mkdtemp(join(tmpdir(), 'bench-tracefs-'))
  try {
    await run('mount', ['-t', 'tracefs', 'none', place])
  } catch {
    await rmdir(place)
    return null
  }
  const instance = join(place, 'instances', `bench-${process.pid}`)
  const close = async (): Promise<void> => {
    await rmdir(instance).catch(() => undefined)
    await run('umount', [place])
    await rmdir(place)
  }
  try {
    await mkdir(instance)
    // The kernel follows each thread that forks, so the list must name them all.
    await writeFile(join(instance, 'options/event-fork'), '1')
    const threads = await Promise.all([process.pid, ...engineProcesses()].map(threadsOf))
    await writeFile(join(instance, 'set_event_pid'), threads.flat().join(' '))
    await writeFile(join(instance, 'events/sched/sched_process_exec/enable'), '1')
    return {
      /** Since it was opened. */
      count: () => eventsIn(instance),
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close().catch(() => undefined)
    if (isRefused(error)) return null
    throw error
  }
}

const threadsOf = (pid: number): Promise<readonly string[]> =>
  readdir(`/proc/${pid}/task`).catch(() => [])

/** What is in the buffers and what they have let go, of each processor. */
async function eventsIn(instance: string): Promise<number> {
  const buffers = await readdir(join(instance, 'per_cpu'))
  const texts = await Promise.all(
    buffers.map((name) => readFile(join(instance, 'per_cpu', name, 'stats'), 'utf8')),
  )
  const counts = texts.flatMap((text) =>
    [...text.matchAll(/^(?:entries|overrun|dropped events|read events): (\d+)$/gm)].map(
      ([, count]) => Number(count),
    ),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

const isRefused = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['EACCES', 'EPERM', 'EROFS'].includes(String(error.code))
