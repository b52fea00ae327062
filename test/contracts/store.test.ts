import type { Credential } from '../../src/core/model/credential.ts'
import type { CredentialId } from '../../src/core/model/ids.ts'
import { Table } from '../../src/lib/table.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openStore } from '../../src/adapters/sqlite/store.ts'
import { Unavailable } from '../../src/ports/store-unavailable.ts'
import type { MaintainedStore } from '../../src/ports/store.ts'
import { createFakeStore } from '../fakes/store.ts'
import { planned, Run } from '../support/run.ts'
import { mountProblem, SmallDisk } from '../support/small-disk.ts'

interface Opened {
  /** Closes it first, when it is open. */
  readonly open: () => MaintainedStore
  readonly fill: () => void
  readonly free: () => void
}

let cleanUp = new DisposableStack()
afterEach(() => {
  cleanUp.dispose()
  cleanUp = new DisposableStack()
})

function realStore(): Opened {
  const directory = mkdtempSync(join(tmpdir(), 'store-'))
  cleanUp.defer(() => rmSync(directory, { recursive: true }))
  const disk =
    mountProblem === null ? cleanUp.use(new SmallDisk(join(directory, 'disk'), 32)) : null
  let store: MaintainedStore | null = null
  cleanUp.defer(() => store?.[Symbol.dispose]())
  return {
    open() {
      store?.[Symbol.dispose]()
      store = openStore(join(disk?.path ?? directory, 'orchestrator.db'))
      return store
    },
    fill: () => disk?.fill(),
    free: () => disk?.free(),
  }
}

function fakeStore(): Opened {
  let isFull = false
  const store = createFakeStore({ isFull: () => isFull })
  return { open: () => store, fill: () => (isFull = true), free: () => (isFull = false) }
}

const entry = {
  event: { at: 5, type: 'clock-ticked' },
  commands: [],
  reply: null,
  ignored: null,
} as const
const bulky = (note: string) => ({ ...entry, ignored: note.repeat(10_000) })

describe.each([
  ['the store on disk', realStore],
  ['the fake store', fakeStore],
])('%s', (name, make) => {
  it('holds nothing at first', () => {
    const store = make().open()
    expect(store.load()).toBeNull()
    expect(store.journal(0, 10)).toEqual([])
    expect(store.newestBackup()).toBeNull()
  })

  it('still has everything that a commit returned for when it is opened again', () => {
    const { open } = make()
    const { state } = new Run().planned(['z', 'm', 'a'].map((id) => planned(id)))
    const first = open().commit(null, state, [entry])
    expect(first).toEqual([{ sequence: 1, ...entry }])
    const store = open()
    expect(store.load()).toEqual(state)
    expect([...(store.load()?.tasks.keys() ?? [])]).toEqual(['z', 'm', 'a'])
    expect(store.journal(0, 10)).toEqual(first)
    expect(store.commit(state, state, [entry])).toMatchObject([{ sequence: 2 }])
  })

  it('writes the journal lines of several decisions at once, with the last state', () => {
    const { open } = make()
    const { state } = new Run().planned([planned('a')])
    const lines = ['one', 'two', 'three'].map((ignored) => ({ ...entry, ignored }))
    const written = open().commit(null, state, lines)
    expect(written).toEqual(lines.map((line, index) => ({ sequence: index + 1, ...line })))
    const store = open()
    expect(store.load()).toEqual(state)
    expect(store.journal(0, 10)).toEqual(written)
    expect(store.commit(state, state, [entry])).toMatchObject([{ sequence: 4 }])
  })

  it('follows changes and removals from one state to the next', () => {
    const { open } = make()
    const run = new Run().planned([planned('a')])
    const store = open()
    store.commit(null, run.state, [entry])
    const before = run.state
    const gone = {
      ...run.confirmed(run.task('a').assignee).state,
      credentials: Table.of<CredentialId, Credential>([]),
    }
    store.commit(before, gone, [entry])
    expect(open().load()).toEqual(gone)
  })

  it('returns the journal in order, page by page', () => {
    const store = make().open()
    const { state } = new Run()
    const entries = ['a', 'b', 'c', 'd', 'e'].flatMap((ignored) =>
      store.commit(state, state, [{ ...entry, ignored }]),
    )
    expect(store.journal(0, 2)).toEqual(entries.slice(0, 2))
    expect(store.journal(2, 2)).toEqual(entries.slice(2, 4))
    expect(store.journal(4, 10)).toEqual(entries.slice(4))
    expect(store.journal(5, 10)).toEqual([])
  })

  it('changes nothing when it proves that it can be written', () => {
    const { open } = make()
    const store = open()
    const { state } = new Run()
    const first = store.commit(null, state, [entry])
    store.probe()
    expect(store.load()).toEqual(state)
    expect(store.journal(0, 10)).toEqual(first)
    expect(open().load()).toEqual(state)
    expect(open().commit(state, state, [entry])).toMatchObject([{ sequence: 2 }])
  })

  it('shares no object with its callers', () => {
    const store = make().open()
    const { state } = new Run()
    store.commit(null, state, [entry])
    expect(store.load()).not.toBe(store.load())
    expect(store.load()?.run).not.toBe(state.run)
  })

  it('trims the oldest lines of its journal in batches, and never gives their numbers away again', () => {
    const { open } = make()
    const store = open()
    const { state } = new Run()
    for (let count = 0; count < 10; count += 1) store.commit(state, state, [entry])
    expect([store.trim(3, 4), store.trim(3, 4), store.trim(3, 4)]).toEqual([4, 3, 0])
    expect(store.journal(0, 10).map(({ sequence }) => sequence)).toEqual([8, 9, 10])
    expect(store.trim(0, 100)).toBe(3)
    expect(open().commit(state, state, [entry])).toMatchObject([{ sequence: 11 }])
  })

  it('knows its newest backup', async () => {
    const { open } = make()
    const store = open()
    store.commit(null, new Run().state, [entry])
    await store.backUp(60_000)
    const newest = await store.backUp(120_000)
    expect(newest.at).toBe(120_000)
    expect(open().newestBackup()).toEqual(newest)
  })

  it.skipIf(name === 'the store on disk' && mountProblem !== null)(
    `is unavailable while it cannot be written, is as it was, and goes on afterwards${mountProblem === null ? '' : ` (${mountProblem})`}`,
    () => {
      const { open, fill, free } = make()
      const store = open()
      const { state } = new Run()
      let known = store.commit(null, state, [bulky('x')]).length
      fill()
      const writeUntilFull = () => {
        for (;;) known += store.commit(state, state, [bulky('y')]).length
      }
      expect(writeUntilFull).toThrow(Unavailable)
      expect(() => store.probe()).toThrow(Unavailable)
      expect(store.load()).toEqual(state)
      expect(store.journal(known, 10)).toEqual([])
      free()
      store.probe()
      expect(store.journal(known, 10)).toEqual([])
      const written = store.commit(state, state, [bulky('z')])
      expect(written).toEqual([{ sequence: known + 1, ...bulky('z') }])
      expect(open().journal(known, 10)).toEqual(written)
    },
  )
})
