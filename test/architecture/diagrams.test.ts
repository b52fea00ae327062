import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withDiagrams } from './diagrams.ts'
import { root } from './sources.ts'

describe('the phases of ARCHITECTURE.md', () => {
  it('are those of the table: otherwise run `npm run diagrams`', () => {
    const markdown = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
    expect(markdown).toBe(withDiagrams(markdown))
  })
})
