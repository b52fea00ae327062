import { describe, expect, it } from 'vitest'
import { type Mutant, mutants } from './mutants.ts'
import { shrink } from './shrink.ts'
import { traceOf } from './trace.ts'
import type { Rule } from './violation.ts'
import { type Outcome, World } from './world.ts'

const mostSeeds = 500

const bugs: readonly { readonly bug: keyof typeof mutants; readonly rules: readonly Rule[] }[] = [
  { bug: 'acknowledges before the commit', rules: ['acknowledged is durable'] },
  { bug: 'forgets the fence of launches', rules: ['old launches change nothing'] },
  { bug: 'ignores the compare-and-swap of the target', rules: ['the target keeps what it has'] },
  { bug: 'reports a merge before the target has moved', rules: ['merged is on the target'] },
  { bug: 'restarts an instance without a backup of its work', rules: ['work is saved'] },
  { bug: 'forgets who holds which credential', rules: ['leased within capacity'] },
  { bug: 'accepts work that undoes what others changed', rules: ['merged is not undone'] },
  { bug: 'forgets which hosts people allowed', rules: ['people decide about hosts'] },
  { bug: 'allows the hosts that instances ask for', rules: ['people decide about hosts'] },
]

describe('a server that', () => {
  it.for(bugs)('$bug is found', { timeout: 60_000 }, async ({ bug, rules }) => {
    const begin = performance.now()
    const { seed, outcome } = await hunt(mutants[bug])
    process.stdout.write(
      `${bug}: seed ${seed}, ${outcome.struck.length} faults, ${((performance.now() - begin) / 1000).toFixed(2)} s\n`,
    )
    expect(rules).toContain(outcome.violations[0]?.rule)
  })
})

describe('the trace of a run that broke a promise', () => {
  it('names no fault that it does not take, and says how to see it again', {
    timeout: 60_000,
  }, async () => {
    const mutant = mutants['ignores the compare-and-swap of the target']
    const { seed, outcome } = await hunt(mutant)
    const shrunk = await shrink({ seed, mutant }, outcome, 1_000)
    expect(shrunk.needed.length).toBeLessThan(outcome.struck.length / 2)
    for (const name of shrunk.needed) {
      const only = new Set(shrunk.needed.filter((other) => other !== name))
      const { violations } = await new World({ seed, mutant, only }).run()
      expect(violations[0]?.rule, `without ${name}`).not.toBe(outcome.violations[0]?.rule)
    }
    const trace = traceOf(seed, shrunk)
    expect(trace).toContain('the target keeps what it has')
    expect(trace).toContain(shrunk.needed[0])
    expect(trace).toContain(`SIMULATE_SEED=${seed}`)
    const again = await new World({ seed, mutant, only: new Set(shrunk.needed) }).run()
    expect(again.violations[0]?.rule).toBe(outcome.violations[0]?.rule)
  })
})

/** The first run that breaks a promise. */
async function hunt(mutant: Mutant): Promise<{ readonly seed: number; readonly outcome: Outcome }> {
  for (let seed = 1; seed <= mostSeeds; seed += 1) {
    const outcome = await new World({ seed, mutant }).run()
    if (outcome.violations.length > 0) return { seed, outcome }
  }
  throw new Error(`${mostSeeds} runs did not find it`)
}
