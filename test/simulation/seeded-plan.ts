import type { PlannedTask } from '../../src/core/model/plan.ts'
import { TaskId } from '../../src/core/model/ids.ts'
import { defaultPolicy, type Policy } from '../../src/core/model/policy.ts'
import { Random } from './random.ts'

/** The settings of a run. */
export function policyOf(random: Random): Policy {
  return {
    ...defaultPolicy,
    checks: ['test'],
    workerCount: random.between(1, 4),
    context: random.pick(['fresh', 'same']),
    plan: random.chance(20) ? 'approve' : 'auto',
    credentials: random.chance(25) ? 'gateway' : 'file',
    instancesPerCredential: random.chance(20) ? 2 : 1,
  }
}

/** From a random stream of its own, so that it changes nothing else of a seed's run. */
export const patienceOf = (seed: number): Pick<Policy, 'busyMs' | 'startsAtOnce'> => ({
  busyMs: Random.named(seed, 'patience').pick([15, 40, 120]) * 60_000,
  startsAtOnce: Random.named(seed, 'starts').between(1, 3),
})

/** Up to eight tasks, of which some depend on earlier ones. */
export function planOf(random: Random): readonly PlannedTask[] {
  const ids = Array.from({ length: random.between(1, 8) }, (_, index) =>
    TaskId(`task-${index + 1}`),
  )
  return ids.map((id, index) => ({
    id,
    line: null,
    replaces: null,
    title: `Build ${id}`,
    body: '',
    dependsOn: ids.slice(0, index).filter(() => random.chance(20)),
    worker: null,
  }))
}

/** So many tasks, each of which depends on the one before it. */
export const chainOf = (count: number): readonly PlannedTask[] =>
  Array.from({ length: count }, (_, index) => ({
    id: TaskId(`task-${index + 1}`),
    line: null,
    replaces: null,
    title: `Build task-${index + 1}`,
    body: '',
    dependsOn: index === 0 ? [] : [TaskId(`task-${index}`)],
    worker: null,
  }))
