import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { line, planned, Run } from '../../../test/support/run.ts'
import { openStore } from './store.ts'

const hour = 3_600_000

describe('the store', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'store-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))
  const path = () => join(directory, 'orchestrator.db')
  const open = () => openStore(path())
  const entry = {
    event: { at: 5, type: 'clock-ticked' },
    commands: [],
    reply: null,
    ignored: null,
  } as const
  const { state } = new Run()
  /** The state of a run that a server of schema 2 left in its middle, with ten tasks. */
  const writeOldDatabase = (): void => {
    using old = new DatabaseSync(path())
    old.exec(readFileSync('test/fixtures/state-db47837/orchestrator.sql', 'utf8'))
  }

  it('belongs to one server at a time', () => {
    using _first = open()
    expect(() => openStore(path(), { owner: () => 'pid 7' })).toThrow(
      `${directory} is served by another server (pid 7)`,
    )
  })

  it('cannot be locked by another process while it is open', () => {
    using store = open()
    using other = new DatabaseSync(path())
    expect(() => other.exec('BEGIN EXCLUSIVE')).toThrow(/locked/)
    expect(store.commit(null, state, [entry])[0]?.sequence).toBe(1)
  })

  it('is copied whole, for its owner only, under the time of the copy', async () => {
    using store = open()
    store.commit(null, state, [entry])
    const backup = await store.backUp(Date.UTC(2026, 10, 20, 9, 5, 7))
    expect(backup.path).toBe(join(directory, 'backups', 'orchestrator-2026-11-20T09-05-07Z.db'))
    expect(statSync(backup.path).mode & 0o777).toBe(0o600)
    using copy = openStore(backup.path)
    expect(copy.load()).toEqual(state)
  })

  it('keeps the newest six backups, and the last one of each hour of a day', async () => {
    using store = open()
    store.commit(null, state, [entry])
    const start = Date.UTC(2026, 10, 20)
    for (let at = start; at < start + 30 * hour; at += hour / 2) await store.backUp(at)
    const kept: number[] = []
    for (let backup = store.newestBackup(); backup !== null; backup = store.newestBackup()) {
      kept.push(backup.at)
      rmSync(backup.path)
    }
    const end = start + 30 * hour - hour / 2
    expect(kept.slice(0, 6)).toEqual([0, 1, 2, 3, 4, 5].map((count) => end - (count * hour) / 2))
    expect(kept.slice(6)).toEqual(
      Array.from({ length: 21 }, (_, index) => end - (index + 3) * hour),
    )
  })

  it('goes on committing while it is copied', async () => {
    using store = open()
    for (let count = 0; count < 500; count += 1)
      store.commit(state, state, [{ ...entry, ignored: 'x'.repeat(4_000) }])
    const copying = store.backUp(hour)
    const progress = { isCopied: false }
    void copying.then(() => (progress.isCopied = true))
    let last = 500
    while (!progress.isCopied) {
      last += store.commit(state, state, [entry]).length
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(last).toBeGreaterThan(501)
    using copy = openStore((await copying).path)
    expect(copy.journal(499, 1)).toHaveLength(1)
  })

  it('is copied also when a commit is under way as the copy begins', async () => {
    using store = open()
    const { state: large } = new Run().planned(
      Array.from({ length: 500 }, (_, number) => planned(`task-${number}`)),
    )
    for (let count = 1; count <= 8; count += 1) {
      const copying = store.backUp(count * hour)
      // The copying thread comes upon one of them, between two of its five hundred documents.
      for (let more = 0; more < 5; more += 1) store.commit(null, large, [entry])
      await expect(copying).resolves.toMatchObject({ at: count * hour })
    }
  })

  it('is copied before a newer server changes its schema', () => {
    writeOldDatabase()
    using store = open()
    expect(store.load()?.tasks.size).toBe(10)
    const { path: backup = '' } = store.newestBackup() ?? {}
    using copy = new DatabaseSync(backup)
    expect(copy.prepare('PRAGMA user_version').get()).toEqual({ user_version: 2 })
    expect(existsSync(join(directory, 'backups', 'unfinished'))).toBe(false)
  })

  it('of an older server reads the same once it is upgraded', () => {
    writeOldDatabase()
    const upgraded = (() => {
      using store = open()
      return store.load()
    })()
    using store = open()
    expect(store.load()).toEqual(upgraded)
    expect(upgraded?.lines.get(line)).toMatchObject({ id: 'main', upstream: { name: 'current' } })
    expect([...(upgraded?.tasks.values() ?? [])].every((task) => task.line === line)).toBe(true)
  })

  it('of an unknown version is refused, with the way back to a time before it', () => {
    writeOldDatabase()
    {
      using store = open()
      expect(store.load()?.tasks.size).toBe(10)
    }
    {
      using newer = new DatabaseSync(path())
      newer.exec("UPDATE entity SET version = 99 WHERE kind = 'run'")
    }
    using store = open()
    expect(() => store.load()).toThrow(
      /written by a newer server \(its run run has version 99, this server knows \d+\).*update the server.*cp -p .*orchestrator-.*\.db/s,
    )
  })

  it('with a document of another shape is refused as damaged, with the place', () => {
    {
      using store = open()
      store.commit(null, state, [entry])
    }
    {
      using changed = new DatabaseSync(path())
      changed.exec(
        "UPDATE entity SET checksum = NULL, value = json_set(value, '$.phase.name', 'asleep') WHERE kind = 'run'",
      )
    }
    using store = open()
    expect(() => store.load()).toThrow(/the run run does not have the shape .* phase/s)
  })
})
