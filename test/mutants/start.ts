import { type Mutant, unit } from './mutant.ts'

/** Bugs of starts, also with other settings than the last one. */
export const startMutants: readonly Mutant[] = [
  {
    name: 'workers start beside the Manager',
    file: 'src/core/rules/start-queue.ts',
    find: '!busy.some((other) => traitsOf(other.role).isStartedFirst)',
    replace: 'true',
    killedBy: unit(
      'src/core/rules/start-queue.test.ts',
      'starts the Manager alone, then the workers in turn',
    ),
  },
  {
    name: 'a start that hangs holds up all others',
    file: 'src/core/rules/start-queue.ts',
    find: '!phase.isProbed && ',
    replace: '',
    killedBy: unit('src/core/rules/start-queue.test.ts', 'does not wait for a start that hangs'),
  },
  {
    name: 'the tasks of a worker that is gone stay on its list',
    file: 'src/core/entities/shortest-list.ts',
    find: 'if (team.has(worker)) continue',
    replace: 'if (true) continue',
    killedBy: unit(
      'src/core/rules/team.test.ts',
      'moves the open tasks of the others to the shortest lists at once',
    ),
  },
  {
    name: 'a list that a person deletes cancels its tasks',
    file: 'src/core/text/task-list-diff.ts',
    find: 'if (isDeleted)',
    replace: 'if (false)',
    killedBy: unit(
      'src/core/entities/list-deleted.test.ts',
      'cancels nothing, is written again, and the person reads how to cancel',
    ),
  },
  {
    name: 'an instance goes on with the settings of the last start',
    file: 'src/core/rules/changed-settings.ts',
    find: "(isRunning(phase) || phase.name === 'starting')",
    replace: "phase.name === 'starting'",
    killedBy: unit(
      'src/core/rules/changed-settings.test.ts',
      'starts every running instance again, keeps its task and saves its work',
    ),
  },
  {
    name: 'a subscription rests as briefly as a key',
    file: 'src/core/rules/credential-verdict.ts',
    find: '!isUnnamed || !isKey ||',
    replace: '',
    killedBy: unit(
      'src/core/rules/unnamed-limits.test.ts',
      'rests an auth token like a key, and a subscription for the longest time',
    ),
  },
  {
    name: 'an idle Manager keeps the last credential',
    file: 'src/core/model/roles.ts',
    find: '    mayPlan: true,\n    lendsIdleCredential: true,',
    replace: '    mayPlan: true,\n    lendsIdleCredential: false,',
    killedBy: unit(
      'src/core/rules/credential-of-idle-manager.test.ts',
      'goes to a worker in the middle of its turn',
    ),
  },
  {
    name: 'another branch is taken by a run that has begun',
    file: 'src/config/setting-changes.ts',
    find: 'last.hasBegun ? refuse',
    replace: 'false ? refuse',
    killedBy: unit(
      'src/config/setting-changes.test.ts',
      'are refused once the run has begun, where its state belongs to the old value',
    ),
  },
]
