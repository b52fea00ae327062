import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { attacks } from '../../src/rehearsal/attack/attacks.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

describe('the attacks', () => {
  it('are those of SECURITY.md, in the same order', () => {
    const [, section = ''] = read('SECURITY.md').split('\n## Attacks\n')
    const [table = ''] = section.split('\n## ')
    const named = [...table.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, id]) => id)
    expect(attacks.map(({ id }) => id)).toEqual(named)
  })

  it.each(attacks)('$id can be disarmed: the text to change is there once', ({ disarmedBy }) => {
    expect(disarmedBy.length).toBeGreaterThan(0)
    for (const { file, find, replace } of disarmedBy) {
      expect(read(file).split(find).length - 1, `${file}: ${find}`).toBe(1)
      expect(replace).not.toBe(find)
    }
  })
})
