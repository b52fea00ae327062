import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../../src/adapters/sqlite/store.ts'
import { Damaged } from '../../src/ports/store-damaged.ts'
import { planned, Run } from '../support/run.ts'

const entry = {
  event: { at: 5, type: 'clock-ticked' },
  commands: [],
  reply: null,
  ignored: null,
} as const
const { state } = new Run().planned(['a', 'b', 'c'].map((id) => planned(id)))
const pageBytes = 4_096
const frameBytes = pageBytes + 24

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'damage-'))
})
afterEach(() => rmSync(directory, { recursive: true }))
const path = () => join(directory, 'orchestrator.db')
const log = () => `${path()}-wal`

function flip(file: string, at: number, count = 1): void {
  const bytes = readFileSync(file)
  for (let index = at; index < at + count; index += 1) bytes[index] = (bytes[index] ?? 0) ^ 0x20
  writeFileSync(file, bytes)
}

function refusal(): Damaged {
  try {
    using store = openStore(path())
    store.load()
  } catch (error) {
    if (error instanceof Damaged) return error
    throw error
  }
  throw new Error('it was opened as if nothing were wrong')
}

/** A database of some pages, closed in good order, with a backup beside it. */
async function written(lines = 200): Promise<string> {
  using store = openStore(path())
  store.commit(null, state, [entry])
  for (let count = 0; count < lines; count += 1)
    store.commit(state, state, [{ ...entry, ignored: 'x'.repeat(500) }])
  return (await store.backUp(Date.UTC(2026, 10, 20))).path
}

/** So long that SQLite cannot hold it in its cache, and reads from the disk again. */
function lengthen(): void {
  using database = new DatabaseSync(path())
  const append = database.prepare(
    'INSERT INTO journal (at, type, event, commands, ignored) VALUES (?, ?, ?, ?, ?)',
  )
  database.exec('BEGIN')
  for (let count = 0; count < 4_000; count += 1)
    append.run(5, 'clock-ticked', JSON.stringify(entry.event), '[]', 'x'.repeat(1_900))
  database.exec('COMMIT')
}

/**
 * The same in the middle of its work, as a kill leaves it: with a log of `commits`, each of one
 * frame or more.
 */
function killedWith(commits: number): void {
  const elsewhere = join(directory, 'elsewhere.db')
  using store = openStore(elsewhere)
  store.commit(null, state, [entry])
  for (let count = 1; count < commits; count += 1) store.commit(state, state, [entry])
  copyFileSync(elsewhere, path())
  copyFileSync(`${elsewhere}-wal`, log())
}

const journalLength = (): number => {
  using store = openStore(path())
  return store.journal(0, 1_000).length
}

describe('a damaged database', () => {
  it.each<[string, () => void]>([
    [
      'whose header is zeroed',
      () =>
        writeFileSync(
          path(),
          Buffer.concat([Buffer.alloc(100), readFileSync(path()).subarray(100)]),
        ),
    ],
    ['with a flipped byte in the header of a page', () => flip(path(), 5 * pageBytes)],
    ['with a page of noise', () => flip(path(), 7 * pageBytes, pageBytes)],
    ['that was cut off in the middle', () => truncateSync(path(), 6 * pageBytes + 100)],
    ['that was cut off at its beginning', () => truncateSync(path(), 0)],
    ['that is gone', () => rmSync(path())],
    [
      'in which a task has other words',
      () => writeFileSync(path(), replacing(readFileSync(path()), 'Build a', 'Built a')),
    ],
  ])('%s is refused with its last good backup and the way to restore it', async (_, damage) => {
    const backup = await written()
    damage()
    const { message } = refusal()
    expect(message).toContain(`${path()} is damaged: `)
    expect(message).toContain(`its last good backup is ${backup}, of 2026-11-20T00:00:00.000Z`)
    expect(message).toContain(`cp -p ${backup} ${path()}`)
    expect(message).toMatch(new RegExp(`mv ${path()}\\* ${directory}/damaged-`))
  })

  it('passes over a backup that is damaged too', async () => {
    const older = await written()
    const newer = older.replace('T00', 'T01')
    copyFileSync(older, newer)
    for (const file of [newer, path()]) flip(file, 5 * pageBytes, 200)
    expect(refusal().message).toContain(`its last good backup is ${older}`)
  })

  it('says how to restart when there is no backup', async () => {
    rmSync(await written())
    flip(path(), 5 * pageBytes, 200)
    expect(refusal().message).toMatch(/there is no backup yet.*restart the run.*\n.*mkdir.*\n.*mv/)
  })

  it('reports it once while it is open, and takes nothing any more', async () => {
    await written(1)
    lengthen()
    const reported: Damaged[] = []
    using store = openStore(path(), { onDamaged: (damage) => reported.push(damage) })
    flip(path(), 800 * pageBytes, 20 * pageBytes)
    expect(() => store.journal(0, 5_000)).toThrow(Damaged)
    expect(() => store.commit(state, state, [entry])).toThrow(Damaged)
    expect(() => store.load()).toThrow(Damaged)
    expect(reported).toHaveLength(1)
  })

  it('never becomes a backup', async () => {
    const good = await written(1)
    lengthen()
    const reported: Damaged[] = []
    using store = openStore(path(), { onDamaged: (damage) => reported.push(damage) })
    flip(path(), 800 * pageBytes, 20 * pageBytes)
    await expect(store.backUp(Date.UTC(2026, 10, 21))).rejects.toThrow(Damaged)
    expect(store.newestBackup()?.path).toBe(good)
    expect(existsSync(join(directory, 'backups', 'unfinished'))).toBe(false)
    expect(reported).toHaveLength(1)
  })
})

describe('the log of a database whose server was killed', () => {
  const commits = 12

  it('gives every commit back when it is whole', () => {
    killedWith(commits)
    expect(journalLength()).toBe(commits)
  })

  it('is refused wherever a byte of an earlier commit is flipped, since SQLite would forget what came after it', () => {
    killedWith(commits)
    const whole = readFileSync(log())
    const database = readFileSync(path())
    const frames = (whole.length - 32) / frameBytes
    // The last commit cannot be distinguished from what a crash tore; it takes three frames at
    // most.
    for (let frame = 0; frame < frames - 4; frame += 1) {
      for (const offset of [0, 3, 9, 17, 22, 24, 24 + pageBytes - 1]) {
        writeFileSync(path(), database)
        writeFileSync(log(), whole)
        flip(log(), 32 + frame * frameBytes + offset)
        expect(refusal().message).toContain('does not hold what was written to it')
      }
    }
    expect(frames).toBeGreaterThan(commits)
  })

  it.each([0, 9, 17, 24])('is refused when byte %s of its own header is flipped', (offset) => {
    killedWith(commits)
    flip(log(), offset)
    expect(refusal().message).toContain('does not hold what was written to it')
  })

  it('is taken up to its last whole commit wherever a crash cut it off', () => {
    killedWith(commits)
    const whole = readFileSync(log())
    const database = readFileSync(path())
    const lengths: number[] = []
    for (let end = whole.length; end > 32; end -= 1_000) {
      writeFileSync(path(), database)
      writeFileSync(log(), whole.subarray(0, end))
      lengths.push(journalLength())
    }
    expect(lengths[0]).toBe(commits)
    expect(lengths).toEqual(lengths.toSorted((one, other) => other - one))
  })

  it('may hold frames of an earlier round behind its end', () => {
    const elsewhere = join(directory, 'elsewhere.db')
    using store = openStore(elsewhere)
    store.commit(null, state, [entry])
    const bulky = { ...entry, ignored: 'x'.repeat(20_000) }
    // The log begins again from its start once it has a thousand pages.
    let count = 1
    for (; count < 190 || readFileSync(`${elsewhere}-wal`).length < 1_000 * frameBytes; count += 1)
      store.commit(state, state, [bulky])
    for (let more = 0; more < 15; more += 1, count += 1) store.commit(state, state, [entry])
    copyFileSync(elsewhere, path())
    copyFileSync(`${elsewhere}-wal`, log())
    expect(journalLength()).toBe(count)
  })
})

/** Every occurrence of one text becomes another one of the same length. */
function replacing(bytes: Buffer, from: string, to: string): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1')
}
