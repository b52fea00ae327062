import { describe, expect, it } from 'vitest'
import { faults } from '../../src/rehearsal/chaos/faults/every.ts'
import { type FaultRig, faultsIn } from '../../src/rehearsal/faults/catalogue.ts'
import { readSources } from './sources.ts'

/** The names that calls of `name` pass as their first argument. */
function namesPassedTo(name: string, folder: string): readonly string[] {
  const calls = new RegExp(String.raw`\b${name}\(\s*'([a-z-]+)'`, 'g')
  const found = readSources(folder, /\.ts$/).flatMap(({ text }) =>
    [...text.matchAll(calls)].map(([, id = '']) => id),
  )
  return [...new Set(found)]
}

const used: Readonly<Record<FaultRig, readonly string[]>> = {
  simulation: namesPassedTo('strike', 'test/simulation'),
  chaos: Object.keys(faults),
  e2e: namesPassedTo('report', 'test/e2e'),
  failpoint: namesPassedTo('killedBy', 'test/e2e'),
}

describe('the catalogue of faults', () => {
  it.each(Object.keys(used) as FaultRig[])('names what %s injects, and nothing else', (rig) => {
    expect(used[rig].toSorted()).toEqual(faultsIn(rig).toSorted())
  })
})
