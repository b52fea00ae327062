import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { faultCatalogue, faultsIn } from '../../src/rehearsal/faults/catalogue.ts'
import { coveredFaults } from '../simulation/covered-faults.ts'
import { root } from './sources.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The first cells of the table of docs/faults.md. */
const faults = [...read('docs/faults.md').matchAll(/^\| (?!fault \|)(.+?) \|/gm)].map(
  ([, cell = '']) => cell,
)
const beginnings = Object.keys(coveredFaults)

describe('the faults of docs/faults.md', () => {
  it.each(faults)('have a kind in the simulation, or a reason: %s', (fault) => {
    expect(beginnings.filter((beginning) => fault.startsWith(beginning))).toHaveLength(1)
  })

  it('include every one that is said to be covered', () => {
    const isThere = (beginning: string) => faults.some((fault) => fault.startsWith(beginning))
    expect(beginnings.filter((beginning) => !isThere(beginning))).toEqual([])
  })
})

describe('docs/simulation.md', () => {
  it('has a row for every kind of fault, as the catalogue describes it', () => {
    const [, text = ''] = read('docs/simulation.md').split('| kind | what fails |')
    const [table = ''] = text.split('\n\n')
    const rows = [...table.matchAll(/^\| `([\w-]+)` \| (.+) \|$/gm)].map(([row]) => row)
    const catalogue: Readonly<Record<string, { readonly what: string }>> = faultCatalogue
    expect(rows).toEqual(
      faultsIn('simulation').map((id) => `| \`${id}\` | ${catalogue[id]?.what} |`),
    )
  })
})
