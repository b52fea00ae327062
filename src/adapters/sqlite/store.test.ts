import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { planned, Run } from '../../../test/support/run.ts'
import { openStore, StoreInUse } from './store.ts'

describe('the store', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'store-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))
  const open = () => openStore(join(directory, 'orchestrator.db'))
  const entry = { event: { at: 5, type: 'clock-ticked' }, commands: [], ignored: null } as const

  it('holds nothing at first', () => {
    using store = open()
    expect(store.load()).toBeNull()
  })

  it('gives back exactly the state that was committed, in the order of the plan', () => {
    const { state } = new Run().planned(['z', 'm', 'a'].map((id) => planned(id)))
    {
      using store = open()
      store.commit(null, state, entry)
    }
    using store = open()
    expect(store.load()).toEqual(state)
    expect([...(store.load()?.tasks.keys() ?? [])]).toEqual(['z', 'm', 'a'])
  })

  it('follows changes and removals from one state to the next', () => {
    const run = new Run().planned([planned('a')])
    using store = open()
    store.commit(null, run.state, entry)
    const before = run.state
    const gone = { ...run.confirmed(run.task('a').assignee).state, credentials: new Map() }
    store.commit(before, gone, entry)
    expect(store.load()).toEqual(gone)
  })

  it('keeps the journal beside it, numbered', () => {
    using store = open()
    const { state } = new Run()
    store.commit(null, state, entry)
    store.commit(state, state, { ...entry, ignored: 'nothing to do' })
    expect(store.journal(1, 10)).toEqual([{ sequence: 2, ...entry, ignored: 'nothing to do' }])
  })

  it('belongs to one server at a time', () => {
    using _first = open()
    expect(open).toThrow(StoreInUse)
  })
})
