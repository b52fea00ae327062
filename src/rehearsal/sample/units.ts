export interface Unit {
  /** Plural and in camelCase, as it appears in a function's name. */
  readonly name: string
  /** How many of the quantity's base unit one of it is. */
  readonly size: number
}

export interface Quantity {
  readonly name: string
  readonly base: string
  readonly units: readonly Unit[]
}

const quantity = (
  name: string,
  base: string,
  sizes: Readonly<Record<string, number>>,
): Quantity => ({
  name,
  base,
  units: Object.entries(sizes).map(([unit, size]) => ({ name: unit, size })),
})

/**
 * Exact by definition (international yard and pound, US liquid gallon, SI); together enough pairs
 * for 200 modules.
 */
export const quantities: readonly Quantity[] = [
  quantity('length', 'Metre', {
    miles: 1609.344,
    kilometres: 1000,
    nauticalMiles: 1852,
    yards: 0.9144,
    feet: 0.3048,
    inches: 0.0254,
    centimetres: 0.01,
    fathoms: 1.8288,
    furlongs: 201.168,
    chains: 20.1168,
  }),
  quantity('mass', 'Gram', {
    pounds: 453.59237,
    kilograms: 1000,
    ounces: 28.349523125,
    grains: 0.06479891,
    stones: 6350.29318,
    tonnes: 1_000_000,
    carats: 0.2,
    milligrams: 0.001,
  }),
  quantity('time', 'Second', {
    weeks: 604_800,
    hours: 3600,
    days: 86_400,
    minutes: 60,
    fortnights: 1_209_600,
    milliseconds: 0.001,
    leapYears: 31_622_400,
    commonYears: 31_536_000,
  }),
  quantity('volume', 'Litre', {
    gallons: 3.785411784,
    decilitres: 0.1,
    quarts: 0.946352946,
    pints: 0.473176473,
    cups: 0.2365882365,
    millilitres: 0.001,
    fluidOunces: 0.0295735295625,
    hectolitres: 100,
  }),
  quantity('area', 'SquareMetre', {
    acres: 4046.8564224,
    hectares: 10_000,
    squareFeet: 0.09290304,
    squareYards: 0.83612736,
    ares: 100,
    squareKilometres: 1_000_000,
    squareMiles: 2589988.110336,
  }),
  quantity('information', 'Byte', {
    kibibytes: 1024,
    kilobytes: 1000,
    mebibytes: 1_048_576,
    megabytes: 1_000_000,
    gibibytes: 1_073_741_824,
    gigabytes: 1_000_000_000,
    tebibytes: 1_099_511_627_776,
    bits: 0.125,
  }),
]

const prefixes = [
  ...[
    'quecto',
    'ronto',
    'yocto',
    'zepto',
    'atto',
    'femto',
    'pico',
    'nano',
    'micro',
    'milli',
    'centi',
    'deci',
  ],
  ...[
    'deca',
    'hecto',
    'kilo',
    'mega',
    'giga',
    'tera',
    'peta',
    'exa',
    'zetta',
    'yotta',
    'ronna',
    'quetta',
  ],
]
const powers = [
  -30, -27, -24, -21, -18, -15, -12, -9, -6, -3, -2, -1, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30,
]

/** For samples that need more: every pair of prefixes of a unit is a conversion. */
export const moreQuantities: readonly Quantity[] = [
  'Joule',
  'Watt',
  'Newton',
  'Pascal',
  'Volt',
  'Ampere',
].map((base) =>
  quantity(
    base.toLowerCase(),
    base,
    Object.fromEntries(
      prefixes.map((prefix, index) => [
        `${prefix}${base.toLowerCase()}s`,
        Number(`1e${powers[index] ?? 0}`),
      ]),
    ),
  ),
)
