import { describe, expect, it } from 'vitest'
import type { Climate } from './climate.ts'
import { type Outcome, World } from './world.ts'

const fair: Climate = { crash: 0, death: 0, limit: 0, silence: 0, question: 0, collision: 0, hookTrouble: 0 }
const rough: Climate = { crash: 15, death: 15, limit: 8, silence: 10, question: 8, collision: 40, hookTrouble: 8 }

/** SIMULATE_RUNS and SIMULATE_SEED explore further; a failing run names its seed, and that one is a test case. */
const runs = Number(process.env['SIMULATE_RUNS'] ?? 300)
const first = Number(process.env['SIMULATE_SEED'] ?? 1)

/** What must be true once nothing moves any more. */
async function violationsOf({ state, repository, acknowledged, violations }: Outcome): Promise<readonly string[]> {
  const found = [...violations]
  const head = await repository.head()
  for (const [task, commit] of acknowledged) {
    const phase = state.tasks.get(task)?.phase.name
    if (!repository.contains(head, commit) && phase === 'merged') found.push(`the acknowledged ${commit} of ${task} is not on the target`)
  }
  for (const [task, merges] of repository.mergesOn(head)) if (merges > 1) found.push(`${task} was merged ${merges} times`)
  for (const { id, phase } of state.tasks.values()) {
    if (phase.name !== 'merged') found.push(`${id} ended ${phase.name}`)
    if (phase.name === 'merged' && !repository.contains(head, phase.commit)) found.push(`the merge of ${id} is not on the target`)
  }
  return found
}

describe('a simulated run', () => {
  it('in fair weather ends with every task merged once', async () => {
    for (let seed = first; seed < first + 20; seed += 1) {
      expect(await violationsOf(await new World(seed, fair).run()), `seed ${seed}`).toEqual([])
    }
  })

  it(`in rough weather keeps every promise, ${runs} times`, { timeout: 600_000 }, async () => {
    let crashes = 0
    for (let seed = first; seed < first + runs; seed += 1) {
      const outcome = await new World(seed, rough).run()
      crashes += outcome.crashes
      expect(await violationsOf(outcome), `seed ${seed}`).toEqual([])
    }
    expect(crashes).toBeGreaterThan(runs / 10)
  })
})
