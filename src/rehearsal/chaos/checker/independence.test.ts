import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const files = readdirSync(import.meta.dirname).filter((name) => !name.endsWith('.test.ts'))
const importsOf = (file: string): readonly string[] =>
  [...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/from '([^']+)'/g)].map(
    ([, name = '']) => name,
  )

describe('the checker', () => {
  it('shares no code with the server: nothing beyond the rehearsal and its library for parsing', () => {
    const foreign = files.flatMap((file) =>
      importsOf(file).filter(
        (name) => name.startsWith('../../../') || !/^(?:\.|node:|zod$)/.test(name),
      ),
    )
    expect(files.length).toBeGreaterThan(5)
    expect(foreign).toEqual([])
  })
})
