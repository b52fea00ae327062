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
  {
    name: 'a plan that grows does not reset the requests',
    file: 'src/core/events/plan-events.ts',
    find: '  else if (grows) forgetRequests(draft)\n',
    replace: '',
    killedBy: unit(
      'src/core/rules/manager.test.ts',
      'is asked after every wave, however many there are',
    ),
  },
  {
    name: 'the Manager is asked for more tasks without pauses',
    file: 'src/core/entities/plan-progress.ts',
    find: 'requests.since + pauseAfter(requests.times)',
    replace: 'requests.since',
    killedBy: unit(
      'src/core/rules/manager.test.ts',
      'makes the server ask less and less often while the Manager adds nothing, and then stop',
    ),
  },
  {
    name: 'the Manager is asked for tasks that the budget does not allow',
    file: 'src/core/entities/plan-progress.ts',
    find: "state.policy.budget, null) === 'exceeded'",
    replace: "state.policy.budget, null) === 'near'",
    killedBy: unit(
      'src/core/rules/manager.test.ts',
      'makes the server ask for nothing while the budget of the run is used up',
    ),
  },
  {
    name: 'a run ends although its Manager says that the plan is not complete',
    file: 'src/core/rules/manager.ts',
    find: '    if (run.planCompletedBy === null) return\n',
    replace: '',
    killedBy: unit(
      'src/core/rules/manager.test.ts',
      'does not end by itself when every task is merged, and asks for a person',
    ),
  },
  {
    name: 'a ticked task leaves its dependents waiting',
    file: 'src/core/model/task.ts',
    find: "phase.name === 'merged' || phase.name === 'done'",
    replace: "phase.name === 'merged'",
    killedBy: unit('src/core/entities/plan.test.ts', 'is done, and what depends on it begins'),
  },
  {
    name: 'the Manager plans again what a person cancelled',
    file: 'src/core/entities/plan-submission.ts',
    find: "by === 'manager' && known.phase.by === 'operator'",
    replace: 'false',
    killedBy: unit(
      'src/core/entities/plan.test.ts',
      'is not planned again by the Manager when a person cancelled it',
    ),
  },
  {
    name: 'a later plan needs no approval',
    file: 'src/core/entities/plan.ts',
    find: "(by === 'manager' && policy.plan === 'approve')",
    replace: 'false',
    killedBy: unit('src/core/entities/plan-resubmitted.test.ts', 'waits for it like the first one'),
  },
  {
    name: 'the run is finished although the direction was changed',
    file: 'src/core/events/plan-events.ts',
    find: "if (draft.state.run.notices.some(({ kind }) => kind === 'direction'))",
    replace: 'if (false)',
    killedBy: unit(
      'src/core/entities/notices.test.ts',
      'is not passed over by the report of a Manager that did not look',
    ),
  },
  {
    name: 'commits of an earlier attempt are dropped as not needed',
    file: 'src/core/events/task-events.ts',
    find: 'if (draft.task(id).commit !== null)',
    replace: 'if (false)',
    killedBy: unit(
      'src/core/events/task-events.test.ts',
      'is ignored when an earlier attempt left commits',
    ),
  },
]
