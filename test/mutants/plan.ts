import { type Mutant, unit } from './mutant.ts'

/** Bugs of the plan, the Manager and the end of the run. */
export const planMutants: readonly Mutant[] = [
  {
    name: 'the Manager is never asked for more tasks',
    file: 'src/core/rules/manager.ts',
    find: "  draft.notifyManager({ type: 'queue-low' })\n",
    replace: '',
    killedBy: unit(
      'src/core/rules/manager.test.ts',
      'makes the server ask the Manager for more tasks when fewer wait than there are workers',
    ),
  },
  {
    name: 'a cancelled task leaves its dependents open',
    file: 'src/core/entities/plan.ts',
    find: 'if (!isOver(phase) && attempts.length === 0)',
    replace: 'if (false)',
    killedBy: unit(
      'src/core/entities/plan.test.ts',
      'takes the tasks that depend on it with it, each with its reason',
    ),
  },
  {
    name: 'a task waits on after the last merge that it depends on',
    file: 'src/core/rules/schedule.ts',
    find: "if (to === 'merged' || to === 'done' || to === 'cancelled')",
    replace: 'if (false)',
    killedBy: unit(
      'src/core/decide.property.test.ts',
      'has no waiting task whose dependencies are all merged, while the run is executing',
    ),
  },
  {
    name: 'a table extends places that a later version has extended already',
    file: 'src/lib/table.ts',
    find: 'shared.end === this.#end && known === undefined',
    replace: 'known === undefined',
    killedBy: unit(
      'src/lib/table.test.ts',
      'reads like a map in every version, also after changes to the others',
    ),
  },
]
