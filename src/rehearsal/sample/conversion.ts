import { moreQuantities, type Quantity, quantities, type Unit } from './units.ts'

/** One module of the sample library: a function from one unit to another. */
export interface Conversion {
  /** `miles-to-kilometres`: also the task's id and the file's name. */
  readonly id: string
  readonly functionName: string
  readonly quantity: Quantity
  readonly from: Unit
  readonly to: Unit
  /** The opposite conversion, on which this one is built instead of on figures of its own. */
  readonly inverseOf: Conversion | null
}

/**
 * Every ninth conversion is the inverse of the first of its nine; so is the last one of a shorter
 * list.
 */
const inverseEvery = 9

/** What a rehearsal may ask for; `chooseConversions` knows a few more than `manyConversions`. */
export const maximumConversions = 200
export const manyConversions = 2_000

export function chooseConversions(count: number): readonly Conversion[] {
  const forward = forwardConversions()
  const chosen: Conversion[] = []
  for (let index = 0; index < count; index += 1) {
    const first = chosen[index - (index % inverseEvery)]
    const closesItsNine = index % inverseEvery === inverseEvery - 1 || index === count - 1
    const next = closesItsNine && first ? inverse(first) : forward.next().value
    if (!next) throw new Error(`the sample has no more than ${chosen.length} conversions`)
    chosen.push(next)
  }
  return chosen
}

function* forwardConversions(): Generator<Conversion, undefined> {
  yield* inTurn(quantities)
  yield* inTurn(moreQuantities)
}

/** One pair of units after the other, taking turns between the quantities. */
function* inTurn(of: readonly Quantity[]): Generator<Conversion, undefined> {
  const pairs = of.map(pairsOf)
  for (let round = 0; pairs.some((list) => round < list.length); round += 1) {
    for (const list of pairs) {
      const next = list[round]
      if (next) yield next
    }
  }
}

const pairsOf = (quantity: Quantity): readonly Conversion[] =>
  quantity.units.flatMap((from, index) =>
    quantity.units.slice(index + 1).map((to) => conversion(quantity, from, to, null)),
  )

const inverse = (of: Conversion): Conversion => conversion(of.quantity, of.to, of.from, of)

const conversion = (
  quantity: Quantity,
  from: Unit,
  to: Unit,
  inverseOf: Conversion | null,
): Conversion => ({
  id: `${kebab(from.name)}-to-${kebab(to.name)}`,
  functionName: `${from.name}To${capitalised(to.name)}`,
  quantity,
  from,
  to,
  inverseOf,
})

export const kebab = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

export const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)
