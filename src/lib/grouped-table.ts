import { type Chunks, firstOf, valuesOf, withValue } from './chunks.ts'
import { Table, type TableChanges } from './table.ts'

interface Members<Name extends string, Id> {
  readonly id: Name
  readonly size: number
  /** Each at its position in the table. */
  readonly ids: Chunks<Id>
}

/**
 * A table that also knows which rows are in which groups, so that a reader visits only those. The
 * groups of a row follow from the row alone, by a function that always returns the same ones.
 */
export class GroupedTable<Id extends string, Row extends { readonly id: Id }, Name extends string>
  implements ReadonlyMap<Id, Row>
{
  readonly #table: Table<Id, Row>
  readonly #groups: Table<Name, Members<Name, Id>>
  readonly #groupsOf: (row: Row) => readonly Name[]

  private constructor(
    table: Table<Id, Row>,
    groups: Table<Name, Members<Name, Id>>,
    groupsOf: (row: Row) => readonly Name[],
  ) {
    this.#table = table
    this.#groups = groups
    this.#groupsOf = groupsOf
  }

  static of<Id extends string, Row extends { readonly id: Id }, Name extends string>(
    rows: Iterable<Row>,
    groupsOf: (row: Row) => readonly Name[],
  ): GroupedTable<Id, Row, Name> {
    let table = new GroupedTable<Id, Row, Name>(Table.of([]), Table.of([]), groupsOf)
    for (const row of rows) table = table.with(row)
    return table
  }

  with(row: Row): GroupedTable<Id, Row, Name> {
    return this.#moved(row.id, this.#table.with(row))
  }

  without(id: Id): GroupedTable<Id, Row, Name> {
    return this.#moved(id, this.#table.without(id))
  }

  /** The rows of a group, in the order of the table. */
  in(group: Name): readonly Row[] {
    return valuesOf(this.#groups.get(group)?.ids ?? []).flatMap((id) => this.get(id) ?? [])
  }

  firstIn(group: Name): Row | undefined {
    const first = firstOf(this.#groups.get(group)?.ids ?? [])
    return first === undefined ? undefined : this.get(first)
  }

  countIn(group: Name): number {
    return this.#groups.get(group)?.size ?? 0
  }

  changesSince(before: GroupedTable<Id, Row, Name> | null): TableChanges<Id, Row> {
    return this.#table.changesSince(before === null ? null : before.#table)
  }

  get size(): number {
    return this.#table.size
  }

  get(id: Id): Row | undefined {
    return this.#table.get(id)
  }

  has(id: Id): boolean {
    return this.#table.has(id)
  }

  positionOf(id: Id): number | undefined {
    return this.#table.positionOf(id)
  }

  values(): MapIterator<Row> {
    return this.#table.values()
  }

  keys(): MapIterator<Id> {
    return this.#table.keys()
  }

  entries(): MapIterator<[Id, Row]> {
    return this.#table.entries()
  }

  [Symbol.iterator](): MapIterator<[Id, Row]> {
    return this.#table.entries()
  }

  forEach(visit: (row: Row, id: Id, table: ReadonlyMap<Id, Row>) => void): void {
    this.#table.forEach(visit)
  }

  /** With this table, which differs in one row, and the row in the groups that are now its own. */
  #moved(id: Id, table: Table<Id, Row>): GroupedTable<Id, Row, Name> {
    const position = table.positionOf(id) ?? this.positionOf(id)
    if (position === undefined) return this
    const [was, is] = [this.#namesOf(this.get(id)), this.#namesOf(table.get(id))]
    let groups = this.#groups
    const put = (name: Name, member: Id | undefined): void => {
      const { ids, size } = groups.get(name) ?? { ids: [], size: 0 }
      const change = member === undefined ? -1 : 1
      groups = groups.with({
        id: name,
        size: size + change,
        ids: withValue(ids, position, member),
      })
    }
    for (const name of was) if (!is.has(name)) put(name, undefined)
    for (const name of is) if (!was.has(name)) put(name, id)
    return new GroupedTable(table, groups, this.#groupsOf)
  }

  #namesOf(row: Row | undefined): ReadonlySet<Name> {
    return new Set(row === undefined ? [] : this.#groupsOf(row))
  }
}
