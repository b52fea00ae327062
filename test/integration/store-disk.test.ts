import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/adapters/sqlite/store.ts'
import { Unavailable } from '../../src/ports/store-unavailable.ts'
import { Run } from '../support/run.ts'
import { mountProblem, SmallDisk } from '../support/small-disk.ts'

const entry = {
  event: { at: 5, type: 'clock-ticked' },
  commands: [],
  reply: null,
  ignored: null,
} as const
const { state } = new Run()

describe('a disk with little space', () => {
  it.skipIf(mountProblem !== null)(
    `gets no backup that would take it from the commits${mountProblem === null ? '' : ` (${mountProblem})`}`,
    async () => {
      const directory = mkdtempSync(join(tmpdir(), 'little-'))
      try {
        using disk = new SmallDisk(join(directory, 'disk'), 12)
        using store = openStore(join(disk.path, 'orchestrator.db'))
        store.commit(null, state, [entry])
        const free = disk.freeBytes
        await expect(store.backUp(60_000)).rejects.toThrow(Unavailable)
        await expect(store.backUp(60_000)).rejects.toMatchObject({
          cause: { message: 'only 11 MiB are free there and a copy needs 17' },
        })
        expect(existsSync(join(disk.path, 'backups', 'unfinished'))).toBe(false)
        expect(disk.freeBytes).toBe(free)
        expect(store.commit(state, state, [entry])[0]?.sequence).toBe(2)
        disk.resize(32)
        expect((await store.backUp(60_000)).at).toBe(60_000)
      } finally {
        rmSync(directory, { recursive: true })
      }
    },
  )
})
