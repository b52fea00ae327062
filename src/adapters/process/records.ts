import { readFileSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Launch } from '../../core/model/ids.ts'
import type { DirectoryReader } from '../../hosting/followed-directories.ts'
import type { FoundRecord, LaunchRecord } from '../../hosting/outdated.ts'
import { readUntrusted, type UntrustedDirectory } from '../../hosting/untrusted-file.ts'
import { startTimeOf } from './processes.ts'

export type LaunchState =
  | { readonly name: 'not begun' }
  | { readonly name: 'alive'; readonly begunAtMs: number }
  | { readonly name: 'over'; readonly cause: string }

/** The size limit in bytes; a real record has a handful. */
const LARGEST = 1024

const recordsIn = (root: string): UntrustedDirectory => ({
  root,
  below: '',
  uid: process.getuid?.() ?? 0,
})

/**
 * The records of one instance's launches: a directory of small files through which `run-agent.sh`
 * and the server communicate.
 */
export function createRecords(directory: string) {
  const path = (name: string) => join(directory, name)
  const records = recordsIn(directory)

  return {
    directory: records,

    /** The launch that was last requested; 0 when there was none. */
    current(): Launch {
      try {
        return Number(readFileSync(path('current'), 'utf8'))
      } catch {
        return 0
      }
    },

    /** Allows a terminal to start this launch, once. */
    async prepare(launch: Launch, record: LaunchRecord): Promise<void> {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      for (const ending of ['lock', 'begun', 'ended', 'record'])
        await rm(path(`${launch}.${ending}`), { recursive: true, force: true })
      await writeFile(path(`${launch}.record`), `${record.protocol} ${record.build}`)
      await writeFile(path('current.draft'), String(launch))
      await rename(path('current.draft'), path('current'))
    },

    /** What the launch runs on. */
    async recordOf(launch: Launch): Promise<FoundRecord> {
      const text = (await readUntrusted(records, `${launch}.record`, LARGEST))?.text
      const [protocol, build] = text?.split(' ') ?? []
      return { protocol, build }
    },

    /** After this no terminal starts any launch. */
    async close(): Promise<void> {
      await rm(path('current'), { force: true })
    },

    /** The state of a launch. A pid alone is no proof: it may have been reused. */
    async look(launch: Launch): Promise<LaunchState> {
      const begun = await readUntrusted(records, `${launch}.begun`, LARGEST)
      if (begun === null) return { name: 'not begun' }
      const [pid = 0, startTime = 0] = begun.text.split(' ').map(Number)
      if ((await startTimeOf(pid)) === startTime)
        return { name: 'alive', begunAtMs: begun.modifiedMs }
      const ended = await readUntrusted(records, `${launch}.ended`, LARGEST)
      return {
        name: 'over',
        cause:
          ended === null ? 'killed, and its terminal with it' : `exit code ${ended.text.trim()}`,
      }
    },
  }
}

export type Records = ReturnType<typeof createRecords>

/** How followers of the directory read the records of a launch. */
export const progressOf = (launch: Launch): DirectoryReader<string> => ({
  isWanted: (name) => name === `${launch}.begun` || name === `${launch}.ended`,
  limit: LARGEST,
  read: (files) =>
    files.some(({ name }) => name.endsWith('.ended')) ? 'ended' : files.length > 0 ? 'begun' : null,
})
