import { type Mutant, unit } from './mutant.ts'

const baseTest = 'src/core/rules/base-checks.test.ts'
const returnedTest = 'src/core/rules/returned-work.test.ts'
const mergeQueue = 'src/core/rules/merge-queue.ts'

/** Bugs of checks that fail on the branch itself, and of work that is returned too often. */
export const checkMutants: readonly Mutant[] = [
  {
    name: 'work returns to its worker for a check that fails without it',
    file: mergeQueue,
    find: 'base === undefined || !isExplainedBy(base, position) ? null : base',
    replace: 'null as CheckFailure | null',
    killedBy: unit(baseTest, 'waits, and counts no return, when the branch fails the same check'),
  },
  {
    name: 'work that waits for its branch holds up the merges behind it',
    file: mergeQueue,
    find: "merge.phase.name !== 'held' && ",
    replace: '',
    killedBy: unit(baseTest, 'and waits lets others pass by; what repairs the branch frees it'),
  },
  {
    name: 'a branch that fails is blamed for a check that it passes',
    file: 'src/core/model/base-verdict.ts',
    find: 'position >= ofBranch.position',
    replace: 'true',
    killedBy: unit(
      baseTest,
      'returns to its worker when it fails an earlier check than the branch',
    ),
  },
  {
    name: 'the branch is not checked at the start',
    file: 'src/core/rules/base-checks.ts',
    find: 'checks.length > 0 && !hasPassed',
    replace: 'false',
    killedBy: unit(baseTest, 'is checked at the start of a run, and holds up nothing'),
  },
  {
    name: 'the Manager may send a task back without end',
    file: 'src/core/events/task-events.ts',
    find: "by === 'manager' && awaitsPerson(draft.state, task)",
    replace: 'false',
    killedBy: unit(
      returnedTest,
      'is left to a person after some answers of the Manager, and costs nothing more',
    ),
  },
  {
    name: 'the checks of a merge hold up the hub of its line',
    file: 'src/engine/executor.ts',
    find: "if (command.type === 'merge-task')",
    replace: "if (command.type === 'merge-task' && false)",
    killedBy: unit(
      'src/engine/executor.test.ts',
      'do not wait for the checks of a merge, which lands when they pass',
    ),
  },
  {
    name: 'a merge blames work without a run of the checks on its base',
    file: 'src/engine/commands/merge-task.ts',
    find: 'return checkBase(base, { ...parts, checkRunner: parts.baseRunner })',
    replace: 'return null',
    killedBy: unit(
      'src/engine/commands/merge-task.test.ts',
      'that fails them says so when they fail without the work too',
    ),
  },
  {
    name: 'a check that prints something is shown as silent since it began',
    file: 'src/engine/observe/running-checks.ts',
    find: 'since, lastOutputAt: now }',
    replace: 'since }',
    killedBy: unit(
      'src/engine/observe/running-checks.test.ts',
      'are silent since their last output, and begin again with each command',
    ),
  },
  {
    name: 'a silent check is never a notice',
    file: 'src/http/operator/views/run.ts',
    find: '[...notices, ...noticesOfSilence(running, state.lines)]',
    replace: '[...notices, ...noticesOfSilence([], state.lines)]',
    killedBy: unit(
      'src/http/operator/views/running-check.test.ts',
      'is a notice once it has printed nothing for a minute',
    ),
  },
  {
    name: 'the Manager may answer without end when workers do not report',
    file: 'src/core/entities/task.ts',
    find: "if (task.attempts.at(-1)?.outcome === 'given-up') return 'given-up'",
    replace: '',
    killedBy: unit(
      'src/core/rules/worker.test.ts',
      'leaves its task to a person when it stops so after each answer of the Manager',
    ),
  },
  {
    name: 'work whose checks ran while their failure was accepted waits for the branch',
    file: mergeQueue,
    find: 'accepted !== null && position >= accepted',
    replace: 'false',
    killedBy: unit(
      baseTest,
      'has work merged whose checks were still running when the answer came',
    ),
  },
  {
    name: "an answer to a worker's own question makes its returns undone",
    file: 'src/core/events/task-events.ts',
    find: "by === 'operator' || isReturned ? 0 : task.reworkCount",
    replace: '0',
    killedBy: unit(returnedTest, 'is left to a person although its worker asks in between'),
  },
]
