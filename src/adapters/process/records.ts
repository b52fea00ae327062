import { readFileSync } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Launch } from '../../core/ids.ts'
import type { Meaning } from '../../lib/followed-directories.ts'
import { isThere } from '../../lib/untrusted-file.ts'
import { startTimeOf } from './processes.ts'

export interface Agent {
  readonly pid: number
  readonly begunAtMs: number
}

/** What `run-agent.sh` and the server tell each other about the launches of one instance, in a directory of small files. */
export function createRecords(directory: string) {
  const path = (name: string) => join(directory, name)
  const read = async (name: string): Promise<string> => (await readFile(path(name), 'utf8').catch(() => '')).trim()

  return {
    directory,

    /** The launch that was last asked for; 0 when there was none. */
    current(): Launch {
      try {
        return Number(readFileSync(path('current'), 'utf8'))
      } catch {
        return 0
      }
    },

    /** Lets a terminal begin this launch, once. */
    async prepare(launch: Launch): Promise<void> {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      for (const ending of ['lock', 'begun', 'ended']) await rm(path(`${launch}.${ending}`), { recursive: true, force: true })
      await writeFile(path('current.draft'), String(launch))
      await rename(path('current.draft'), path('current'))
    },

    /** After this no terminal begins any launch. */
    async close(): Promise<void> {
      await rm(path('current'), { force: true })
    },

    /** The agent of this launch, if it is alive: a pid alone may have become another process. */
    async agent(launch: Launch): Promise<Agent | null> {
      const [pid = 0, startTime = 0] = (await read(`${launch}.begun`)).split(' ').map(Number)
      if (pid === 0 || (await startTimeOf(pid)) !== startTime) return null
      const { mtimeMs } = await stat(path(`${launch}.begun`))
      return { pid, begunAtMs: mtimeMs }
    },

    hasBegun: (launch: Launch): Promise<boolean> => isThere(path(`${launch}.begun`)),

    async exitCode(launch: Launch): Promise<number | null> {
      const text = await read(`${launch}.ended`)
      return text === '' ? null : Number(text)
    },
  }
}

export type Records = ReturnType<typeof createRecords>

/** What of a launch its records show to whoever follows them. */
export const progressOf = (launch: Launch): Meaning<string> => ({
  isWanted: (name) => name === `${launch}.begun` || name === `${launch}.ended`,
  limit: 1024,
  read: (files) => (files.some(({ name }) => name.endsWith('.ended')) ? 'ended' : files.length > 0 ? 'begun' : null),
})
