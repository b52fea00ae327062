import { type Chunks, differences, valueAt, valuesOf, withValue } from './chunks.ts'

/**
 * A map of rows by their `id`, in the order in which the ids were added. It is never changed in
 * place: `with` and `without` return a new table, which shares nearly everything with this one, and
 * this one reads as before. Reading costs the same as with a `Map`; a change costs next to nothing,
 * however large the table is.
 */
export class Table<Id extends string, Row extends { readonly id: Id }>
  implements ReadonlyMap<Id, Row>
{
  readonly size: number
  readonly #rows: Chunks<Row>
  readonly #places: Places<Id>
  /** The position of the next new row. A removed row leaves a gap, which is never filled. */
  readonly #end: number
  /** The rows without gaps, as soon as a reader has asked for them. */
  #list: readonly Row[] | null = null

  private constructor(size: number, rows: Chunks<Row>, places: Places<Id>, end: number) {
    this.size = size
    this.#rows = rows
    this.#places = places
    this.#end = end
  }

  static of<Id extends string, Row extends { readonly id: Id }>(
    rows: Iterable<Row>,
  ): Table<Id, Row> {
    let table = new Table<Id, Row>(0, [], { of: new Map(), end: 0 }, 0)
    for (const row of rows) table = table.with(row)
    return table
  }

  /** Replaces the row with the same id where it is, or appends it. */
  with(row: Row): Table<Id, Row> {
    const known = this.positionOf(row.id)
    if (known !== undefined)
      return new Table(this.size, withValue(this.#rows, known, row), this.#places, this.#end)
    const rows = withValue(this.#rows, this.#end, row)
    return new Table(this.size + 1, rows, this.#placesWith(row.id), this.#end + 1)
  }

  without(id: Id): Table<Id, Row> {
    const known = this.positionOf(id)
    if (known === undefined) return this
    const rows = withValue(this.#rows, known, undefined)
    return new Table(this.size - 1, rows, this.#places, this.#end)
  }

  get(id: Id): Row | undefined {
    const place = this.#places.of.get(id)
    return place === undefined ? undefined : valueAt(this.#rows, place)
  }

  has(id: Id): boolean {
    return this.get(id) !== undefined
  }

  /** A number that is higher for rows further behind. It stays the same while the row exists. */
  positionOf(id: Id): number | undefined {
    return this.has(id) ? this.#places.of.get(id) : undefined
  }

  /**
   * What leads from another table, or from none, to this one. Rows that both share in the same
   * place are not visited.
   */
  changesSince(before: Table<Id, Row> | null): TableChanges<Id, Row> {
    const different = differences(before === null ? [] : before.#rows, this.#rows)
    const written = different.flatMap(({ position, after: row }) =>
      row === undefined || before?.get(row.id) === row ? [] : [{ position, row }],
    )
    const removed = different.flatMap(({ before: row }) =>
      row === undefined || this.has(row.id) ? [] : [row.id],
    )
    return { written, removed }
  }

  values(): MapIterator<Row> {
    return this.#rowList().values()
  }

  keys(): MapIterator<Id> {
    return this.#rowList()
      .map(({ id }) => id)
      .values()
  }

  entries(): MapIterator<[Id, Row]> {
    return this.#rowList()
      .map((row): [Id, Row] => [row.id, row])
      .values()
  }

  [Symbol.iterator](): MapIterator<[Id, Row]> {
    return this.entries()
  }

  forEach(visit: (row: Row, id: Id, table: ReadonlyMap<Id, Row>) => void): void {
    for (const row of this.values()) visit(row, row.id, this)
  }

  #rowList(): readonly Row[] {
    this.#list ??= valuesOf(this.#rows)
    return this.#list
  }

  /**
   * The places with the id at the end of this table. The shared ones are extended, unless a table
   * that also grew from this one has put another id there, or the id had another place before.
   */
  #placesWith(id: Id): Places<Id> {
    const shared = this.#places
    const known = shared.of.get(id)
    if (known === this.#end) return shared
    const isFree = shared.end === this.#end && known === undefined
    const places = isFree ? shared : this.#ownPlaces()
    places.of.set(id, this.#end)
    places.end = this.#end + 1
    return places
  }

  #ownPlaces(): Places<Id> {
    const of = [...this.#places.of].filter(([id]) => this.has(id))
    return { of: new Map(of), end: this.#end }
  }
}

export interface TableChanges<Id, Row> {
  /** New and replaced rows, and where they are. */
  readonly written: readonly { readonly position: number; readonly row: Row }[]
  readonly removed: readonly Id[]
}

/**
 * The position of each id. All tables that grew from one another share it; it is only extended, by
 * the newest of them. In an older one, the place of a newer row is empty.
 */
interface Places<Id> {
  readonly of: Map<Id, number>
  /** The `#end` of the newest table. */
  end: number
}
