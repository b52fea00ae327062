import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GroupedTable } from './grouped-table.ts'

interface Row {
  readonly id: string
  readonly tags: readonly Tag[]
}
const tags = ['a', 'b', 'c'] as const
type Tag = (typeof tags)[number]

const steps = fc.array(
  fc.record({
    /** How many versions ago the one is that the step changes. */
    back: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(30)),
    id: fc.nat(140),
    // A tag may come twice.
    tags: fc.option(fc.array(fc.constantFrom(...tags), { maxLength: 4 })),
  }),
  { size: 'max', maxLength: 100 },
)

describe('a table with groups', () => {
  it('finds the same rows as a scan, in the same order, in every version', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const versions = [GroupedTable.of<string, Row, Tag>([], (row) => row.tags)]
        for (const { back, id, tags: given } of history) {
          const from = versions[Math.max(0, versions.length - 1 - back)] ?? versions[0]
          const next =
            given === null ? from?.without(`${id}`) : from?.with({ id: `${id}`, tags: given })
          if (next) versions.push(next)
        }
        for (const table of versions) {
          for (const tag of tags) {
            const scanned = [...table.values()].filter((row) => row.tags.includes(tag))
            expect(table.in(tag)).toEqual(scanned)
            expect(table.firstIn(tag)).toBe(scanned[0])
            expect(table.countIn(tag)).toBe(scanned.length)
          }
        }
      }),
    )
  })

  it('has no row in a group that it does not know', () => {
    const table = GroupedTable.of<string, Row, Tag>([], (row) => row.tags)
    expect(table.in('a')).toEqual([])
    expect(table.firstIn('a')).toBeUndefined()
    expect(table.countIn('a')).toBe(0)
  })
})
