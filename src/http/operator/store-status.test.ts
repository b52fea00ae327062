import { describe, expect, it } from 'vitest'
import { type StoreHealth, standstillOf, storeStatus, warningsOf } from './store-status.ts'

const since = Date.UTC(2026, 10, 20)
const well: StoreHealth = {
  directory: '/state',
  freeMiB: 5_000,
  leastFreeMiB: 256,
  standstill: null,
  waiting: 0,
  backups: { newest: { path: '/state/backups/b.db', at: since }, trouble: null },
}
const full: StoreHealth = {
  ...well,
  freeMiB: 0,
  waiting: 3,
  standstill: { reason: 'the disk is full', since },
}

describe('the status of the state directory', () => {
  it('needs nothing while everything can be written and copied', () => {
    expect(storeStatus(well)).toEqual({
      directory: '/state',
      freeMiB: 5_000,
      standstill: null,
      backup: { path: '/state/backups/b.db', at: '2026-11-20T00:00:00.000Z' },
      backupTrouble: null,
      needs: null,
    })
    expect([standstillOf(well), warningsOf(well)]).toEqual([null, []])
  })

  it('says since when it stands still, what it does meanwhile, and what a human should do', () => {
    expect(storeStatus(full)).toMatchObject({
      standstill: {
        reason: 'the disk is full',
        since: '2026-11-20T00:00:00.000Z',
        waiting: 3,
        meanwhile: expect.stringMatching(/by itself$/),
      },
      needs: 'free some space in /state: 0 MiB are left',
    })
    expect(standstillOf(full)).toBe(
      'the disk is full (since 2026-11-20T00:00:00.000Z): free some space in /state: 0 MiB are left',
    )
    expect(warningsOf(full)).toEqual([])
  })

  it('does not ask for space where there is some', () => {
    expect(storeStatus({ ...full, freeMiB: 5_000 }).needs).toMatch(
      /^see to it that \/state can be written/,
    )
  })

  it('warns before the disk is full, and of backups that fail', () => {
    const trouble = { reason: 'no space left', since }
    const low = { ...well, freeMiB: 200, backups: { newest: null, trouble } }
    expect(warningsOf(low)).toEqual([
      'only 200 MiB are free in /state: free some space before nothing can be written any more',
      'the database cannot be backed up to /state/backups: no space left',
    ])
    expect(storeStatus(low)).toMatchObject({
      backup: null,
      backupTrouble: { since: '2026-11-20T00:00:00.000Z' },
      needs: warningsOf(low)[0],
    })
  })
})
