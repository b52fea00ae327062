import type { ScriptedFile } from '../players/script.ts'
import { capitalised, type Conversion, kebab } from './conversion.ts'

export interface Variation {
  /** Refuses what is no number. */
  readonly guarded?: boolean
  /** Multiplies where it must divide, so that its test fails. */
  readonly flawed?: boolean
}

export const indexPath = 'src/index.js'

export const exportLine = ({ functionName, id }: Conversion): string =>
  `export { ${functionName} } from './${id}.js'`

/** A conversion's module and its test, as a worker would write them. */
export function moduleFiles(
  conversion: Conversion,
  variation: Variation = {},
): readonly ScriptedFile[] {
  return [
    { path: `src/${conversion.id}.js`, text: moduleText(conversion, variation) },
    { path: `test/${conversion.id}.test.js`, text: testText(conversion, variation) },
  ]
}

function moduleText(
  conversion: Conversion,
  { guarded = false, flawed = false }: Variation,
): string {
  const { functionName, from, to, inverseOf } = conversion
  const operator = flawed ? '*' : '/'
  const guard = guarded
    ? `  if (typeof ${from.name} !== 'number') throw new TypeError('${from.name} must be a number')\n`
    : ''
  const body = inverseOf
    ? `${from.name} ${operator} ${inverseOf.functionName}(1)`
    : `(${from.name} * ${constantName(conversion, 'from')}) ${operator} ${constantName(conversion, 'to')}`
  return `${heading(conversion)}
/** ${capitalised(words(from.name))} in ${words(to.name)}. */
export function ${functionName}(${from.name}) {
${guard}  return ${body}
}
`
}

function heading(conversion: Conversion): string {
  const { inverseOf, from, to } = conversion
  return inverseOf
    ? `import { ${inverseOf.functionName} } from './${inverseOf.id}.js'\n`
    : `const ${constantName(conversion, 'from')} = ${from.size}\nconst ${constantName(conversion, 'to')} = ${to.size}\n`
}

const constantName = (conversion: Conversion, side: 'from' | 'to'): string =>
  `${conversion[side].name}In${capitalised(conversion.quantity.base)}s`

function testText(
  { functionName, id, from, to }: Conversion,
  { guarded = false }: Variation,
): string {
  const one = from.size / to.size
  const refuses = guarded
    ? `
test('${functionName} refuses what is no number', () => {
  assert.throws(() => ${functionName}('7'), TypeError)
})
`
    : ''
  return `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ${functionName} } from '../src/${id}.js'

const isClose = (actual, expected) => Math.abs(actual - expected) <= Math.abs(expected) * 1e-12

test('${functionName} converts one', () => {
  assert.ok(isClose(${functionName}(1), ${one}))
})

test('${functionName} grows in proportion', () => {
  assert.ok(isClose(${functionName}(7), 7 * ${functionName}(1)))
  assert.equal(${functionName}(0), 0)
})
${refuses}`
}

export const words = (name: string): string => kebab(name).replaceAll('-', ' ')
