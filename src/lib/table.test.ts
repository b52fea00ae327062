import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Table } from './table.ts'

interface Row {
  readonly id: string
  readonly value: number
}

interface Version {
  readonly table: Table<string, Row>
  /** What the table must read as. */
  readonly model: ReadonlyMap<string, Row>
}

const rowsOf = (count: number): readonly Row[] =>
  Array.from({ length: count }, (_, value) => ({ id: `row-${value}`, value }))

interface History {
  readonly begin: number
  readonly steps: readonly {
    readonly back: number
    readonly id: number
    readonly isRemoved: boolean
  }[]
}

/** Each step makes one more version of any version so far; small numbers mean recent ones. */
const histories: fc.Arbitrary<History> = fc.record({
  begin: fc.constantFrom(0, 1, 63, 64, 65, 200),
  steps: fc.array(
    fc.record({
      back: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(30)),
      // Ids around the edges of a chunk are as likely as new ones.
      id: fc.constantFrom(0, 1, 62, 63, 64, 65, 127, 128, 199, 200, 201, 202, 203, 204, 205),
      isRemoved: fc.oneof({ weight: 2, arbitrary: fc.constant(false) }, fc.boolean()),
    }),
    { size: 'max', maxLength: 60 },
  ),
})

function versionsOf({ begin, steps }: History): readonly Version[] {
  const rows = rowsOf(begin)
  const versions: Version[] = [
    { table: Table.of(rows), model: new Map(rows.map((row) => [row.id, row])) },
  ]
  for (const [step, { back, id, isRemoved }] of steps.entries()) {
    const from = versions[Math.max(0, versions.length - 1 - back)] ?? versions[0]
    if (!from) break
    const row = { id: `row-${id}`, value: 1_000 + step }
    const model = new Map(from.model)
    if (isRemoved) model.delete(row.id)
    else model.set(row.id, row)
    versions.push({ table: isRemoved ? from.table.without(row.id) : from.table.with(row), model })
  }
  return versions
}

/** A row for every id of a history. */
const all = rowsOf(206)

/** The second table, made of the first by its changes. */
function patched(before: Table<string, Row>, after: Table<string, Row>): Map<string, Row> {
  const { written, removed } = after.changesSince(before)
  const rows = new Map(before)
  for (const id of removed) rows.delete(id)
  for (const { row } of written) rows.set(row.id, row)
  return rows
}

describe('a table', () => {
  it('reads like a map in every version, also after changes to the others', () => {
    fc.assert(
      fc.property(histories, (history) => {
        for (const { table, model } of versionsOf(history)) {
          expect(table.size).toBe(model.size)
          expect([...table]).toEqual([...model])
          expect([...table.keys()]).toEqual([...model.keys()])
          expect([...table.values()]).toEqual([...model.values()])
          const differing = all.filter(
            ({ id }) => table.get(id) !== model.get(id) || table.has(id) !== model.has(id),
          )
          expect(differing).toEqual([])
        }
      }),
    )
  })

  it('keeps the positions in the order of the rows', () => {
    fc.assert(
      fc.property(histories, (history) => {
        for (const { table } of versionsOf(history)) {
          const positions = [...table.keys()].map((id) => table.positionOf(id) ?? -1)
          expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => a - b))
          expect(positions).not.toContain(-1)
        }
      }),
    )
  })

  it('finds what changed between any two versions, and nothing else', () => {
    fc.assert(
      fc.property(histories, fc.nat(), fc.nat(), (history, one, other) => {
        const versions = versionsOf(history)
        const [before, after] = [one, other].map((n) => versions[n % versions.length])
        if (!before || !after) return
        const { written, removed } = after.table.changesSince(before.table)
        expect(patched(before.table, after.table)).toEqual(new Map(after.model))
        for (const { row, position } of written) {
          expect(before.model.get(row.id)).not.toBe(row)
          expect(position).toBe(after.table.positionOf(row.id))
        }
        for (const id of removed) expect(after.model.has(id)).toBe(false)
      }),
    )
  })

  it('equals another one with the same rows in the same order', () => {
    const [one, two, three] = rowsOf(3) as [Row, Row, Row]
    expect(Table.of([one, two, three]).without(two.id)).toEqual(Table.of([one, three]))
    expect(Table.of([one, two])).not.toEqual(Table.of([two, one]))
    expect(Table.of([one])).not.toEqual(Table.of([{ ...one, value: 9 }]))
  })

  it('returns itself when there is nothing to remove', () => {
    const table = Table.of(rowsOf(3))
    expect(table.without('row-3')).toBe(table)
  })
})
