import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { faultsIn } from '../../src/rehearsal/faults/catalogue.ts'
import { type Campaign, explore, figuresOf, runOf } from './campaign.ts'
import { noFaults } from './fault-profile.ts'
import { regressions } from './regressions.ts'
import { World } from './world.ts'

const given = process.env['SIMULATE_SEED']
/**
 * Without a seed every call explores new ground, in CI every commit: a red one can be seen again.
 * The first seed is in the name of the test.
 */
const first = given === undefined ? newGround() : Number(given)
const runs = Number(process.env['SIMULATE_RUNS'] ?? 2_000)

/** Only ends a hang: a run takes a tenth of a second on a core of its own. */
const patienceMs = 120_000 + runs * 1_000

describe('a simulated run', () => {
  it.runIf(given !== undefined)('replay', { timeout: patienceMs }, async () => {
    await runOf(first)
  })

  it.for(regressions)('of seed $seed keeps every promise: $why', async ({ seed, profile }) => {
    await runOf(seed, profile)
  })

  it('without faults ends without a human', {
    timeout: patienceMs,
  }, async () => {
    const { ends, rescued } = await explore(first, 50, noFaults)
    expect({ ends, rescued }).toEqual({ ends: 0, rescued: 0 })
  })

  it(`in any environment keeps every promise, seeds ${first} to ${first + runs - 1}`, {
    timeout: patienceMs,
  }, async () => {
    const campaign = await explore(first, runs)
    process.stdout.write(figuresOf(campaign))
    expect(rareIn(campaign)).toEqual([])
    // Some profiles have few faults, but not fifty in a row.
    expect(campaign.faults).toBeGreaterThanOrEqual(5 * (runs - 50))
    expect(campaign.ends).toBeGreaterThanOrEqual(runs - 50)
  })

  it('of the same seed is the same run, decision for decision', {
    timeout: patienceMs,
  }, async () => {
    for (let seed = first; seed < first + 20; seed += 1) {
      const [one, other] = [await new World({ seed }).run(), await new World({ seed }).run()]
      expect(other.struck).toEqual(one.struck)
      expect(JSON.stringify(other.journal)).toBe(JSON.stringify(one.journal))
    }
  })
})

/**
 * Kinds of faults that struck in less than one percent of the runs, by more than chance explains:
 * three standard deviations. A small campaign shows none.
 */
function rareIn({ runs: all, coverage }: Campaign): readonly string[] {
  const percent = all / 100
  const least = percent - 3 * Math.sqrt(percent)
  return faultsIn('simulation').filter((kind) => all >= 1_000 && (coverage.get(kind) ?? 0) < least)
}

function newGround(): number {
  if (process.env['CI'] === undefined) return Math.floor(Date.now() / 1000) % 1_000_000_000
  const commit = execFileSync('git', ['rev-parse', '--short=7', 'HEAD'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  })
  return Number.parseInt(commit.slice(0, 7), 16)
}
