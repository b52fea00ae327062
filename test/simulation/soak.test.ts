import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/adapters/sqlite/store.ts'
import type { State } from '../../src/core/model/state.ts'
import type { MaintainedStore } from '../../src/ports/store.ts'
import type { FaultProfile } from './fault-profile.ts'
import { World } from './world.ts'

/** As a day is: now and then an instance dies, a hook is late, the server is restarted. */
const everyday: FaultProfile = {
  'server-kill': 0.2,
  'server-term': 0.2,
  'container-kill': 1,
  'hook-late': 2,
  'hook-doubled': 2,
  'model-refusal': 2,
  silence: 2,
  question: 2,
}

const day = 24 * 3_600_000
const linesKept = 2_000
const trimEvery = 250

interface Figures {
  readonly heapMiB: number
  readonly descriptors: number
  readonly documents: number
  readonly databaseKiB: number
  readonly lines: number
}

describe('a day of work', () => {
  it('leaves no more behind than what the state holds', { timeout: 300_000 }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'soak-'))
    try {
      const path = join(directory, 'orchestrator.db')
      using store = openStore(path)
      const samples: Figures[] = []
      const { kept, commits } = watched(store, path, samples)
      const length = { tasks: 100, pace: 15, faultsLastMs: day }
      const { violations, journal, ends } = await new World({
        seed: 3,
        profile: everyday,
        store: kept,
        length,
      }).run()
      expect(violations).toEqual([])
      const hours = ((journal.at(-1)?.event.at ?? 0) - 1_000_000) / 3_600_000
      const [early, late] = [samples[Math.floor(samples.length / 4)], samples.at(-1)]
      if (early === undefined || late === undefined)
        throw new Error('the run was too short to be measured')
      process.stdout.write(
        `${hours.toFixed(1)} h, ${commits()} commits, ${ends} starts: ${JSON.stringify(early)} after a quarter, ${JSON.stringify(late)} at the end\n`,
      )
      expect(hours).toBeGreaterThan(20)
      expect(late.descriptors).toBeLessThanOrEqual(early.descriptors + 2)
      // A backup per loss is all that is added to the plan, and what was merged needs none.
      expect(late.documents).toBeLessThan(early.documents + 100)
      expect(late.lines).toBeLessThanOrEqual(linesKept + 2 * trimEvery)
      expect(late.databaseKiB).toBeLessThan(early.databaseKiB + 4_096)
      expect(late.heapMiB).toBeLessThan(early.heapMiB + 30)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
})

/** A store that is kept small as the server keeps it, and measured now and then. */
function watched(
  store: MaintainedStore,
  path: string,
  samples: Figures[],
): { readonly kept: MaintainedStore; readonly commits: () => number } {
  let commits = 0
  const collectGarbage = garbageCollector()
  const kept: MaintainedStore = {
    ...store,
    commit(before, after, lines) {
      const done = store.commit(before, after, lines)
      commits += 1
      if (commits % trimEvery !== 0) return done
      store.trim(linesKept, trimEvery)
      collectGarbage()
      samples.push({
        heapMiB: Math.round(process.memoryUsage().heapUsed / 2 ** 20),
        descriptors: readdirSync('/proc/self/fd').length,
        documents: documentsOf(after),
        databaseKiB: ['', '-wal'].reduce(
          (sum, suffix) => sum + Math.round(statSync(path + suffix).size / 1024),
          0,
        ),
        lines: store.journal(0, Number.MAX_SAFE_INTEGER).length,
      })
      return done
    },
  }
  return { kept, commits: () => commits }
}

const documentsOf = ({ instances, tasks, credentials, backups, news, merges }: State): number =>
  instances.size + tasks.size + credentials.size + backups.size + news.length + merges.length

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void // what the flag has just put there
}
