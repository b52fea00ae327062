import { describe, expect, it } from 'vitest'
import { describeWriteOutage, type StoreHealth, viewStore, warningsOf } from './store.ts'

const since = Date.UTC(2026, 10, 20)
const well: StoreHealth = {
  directory: '/state',
  freeMiB: 5_000,
  leastFreeMiB: 256,
  writeOutage: null,
  waiting: 0,
  backups: { newest: { path: '/state/backups/b.db', at: since }, problem: null },
}
const full: StoreHealth = {
  ...well,
  freeMiB: 0,
  waiting: 3,
  writeOutage: { reason: 'the disk is full', since },
}

describe('the status of the state directory', () => {
  it('needs nothing while everything can be written and copied', () => {
    expect(viewStore(well)).toEqual({
      directory: '/state',
      freeMiB: 5_000,
      standstill: null,
      backup: { path: '/state/backups/b.db', at: '2026-11-20T00:00:00.000Z' },
      backupTrouble: null,
      needs: null,
    })
    expect([describeWriteOutage(well), warningsOf(well)]).toEqual([null, []])
  })

  it('reports a write outage: its start, what happens meanwhile, what a human should do', () => {
    expect(viewStore(full)).toMatchObject({
      standstill: {
        reason: 'the disk is full',
        since: '2026-11-20T00:00:00.000Z',
        waiting: 3,
        meanwhile: expect.stringMatching(/by itself$/),
      },
      needs: 'free some space in /state: 0 MiB are left',
    })
    expect(describeWriteOutage(full)).toBe(
      'the disk is full (since 2026-11-20T00:00:00.000Z): ' +
        'free some space in /state: 0 MiB are left',
    )
    expect(warningsOf(full)).toEqual([])
  })

  it('does not ask for space where there is some', () => {
    expect(viewStore({ ...full, freeMiB: 5_000 }).needs).toMatch(/^make \/state writable/)
  })

  it('warns before the disk is full, and of backups that fail', () => {
    const problem = { reason: 'no space left', since }
    const low = { ...well, freeMiB: 200, backups: { newest: null, problem } }
    expect(warningsOf(low)).toEqual([
      'only 200 MiB are free in /state: free some space before writes fail',
      'the database cannot be backed up to /state/backups: no space left',
    ])
    expect(viewStore(low)).toMatchObject({
      backup: null,
      backupTrouble: { since: '2026-11-20T00:00:00.000Z' },
      needs: warningsOf(low)[0],
    })
  })
})
