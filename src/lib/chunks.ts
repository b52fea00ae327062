/**
 * A list that is never changed in place and may have gaps. A change copies one chunk and the list
 * of chunks: about 300 references for 10,000 values. Unchanged chunks are shared with the list
 * before, so comparing two lists skips what they have in common.
 */
export type Chunks<Value> = readonly (Chunk<Value> | undefined)[]
type Chunk<Value> = readonly (Value | undefined)[]

const width = 64

export const valueAt = <Value>(chunks: Chunks<Value>, position: number): Value | undefined =>
  chunks[Math.floor(position / width)]?.[position % width]

/** The list with this value at the position; `undefined` leaves a gap. */
export function withValue<Value>(
  chunks: Chunks<Value>,
  position: number,
  value: Value | undefined,
): Chunks<Value> {
  const index = Math.floor(position / width)
  const chunk = replaced(chunks[index] ?? [], position % width, value)
  const isEmpty = value === undefined && firstIn(chunk) === undefined
  return replaced(chunks, index, isEmpty ? undefined : chunk)
}

/** The values in the order of their positions. */
export function valuesOf<Value>(chunks: Chunks<Value>): readonly Value[] {
  const values: Value[] = []
  for (const chunk of chunks)
    for (const value of chunk ?? []) if (value !== undefined) values.push(value)
  return values
}

export const firstOf = <Value>(chunks: Chunks<Value>): Value | undefined =>
  firstIn(chunks.find((chunk) => chunk !== undefined) ?? [])

const firstIn = <Value>(chunk: Chunk<Value>): Value | undefined =>
  chunk.find((value) => value !== undefined)

interface Difference<Value> {
  readonly position: number
  readonly before: Value | undefined
  readonly after: Value | undefined
}

/** The positions at which two lists hold different values, in order. */
export function differences<Value>(
  before: Chunks<Value>,
  after: Chunks<Value>,
): readonly Difference<Value>[] {
  const found: Difference<Value>[] = []
  for (let index = 0; index < Math.max(before.length, after.length); index += 1) {
    const [old = [], now = []] = [before[index], after[index]]
    if (old === now) continue
    for (let slot = 0; slot < Math.max(old.length, now.length); slot += 1)
      if (old[slot] !== now[slot])
        found.push({ position: index * width + slot, before: old[slot], after: now[slot] })
  }
  return found
}

/** A copy of the array, extended where it is too short. */
function replaced<Item>(
  items: readonly (Item | undefined)[],
  index: number,
  item: Item | undefined,
): readonly (Item | undefined)[] {
  const copy = items.slice()
  while (copy.length < index) copy.push(undefined)
  copy[index] = item
  return copy
}
