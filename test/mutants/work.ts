import { type Mutant, unit } from './mutant.ts'

const taskEventsTest = 'src/core/events/task-events.test.ts'
const executorTest = 'src/engine/executor.test.ts'

/** Bugs of merges whose outcome is unknown. */
export const mergeMutants: readonly Mutant[] = [
  {
    name: 'a failed merge is recorded as not landed, although it may have landed',
    file: 'src/core/rules/merge-queue.ts',
    find: "{ name: 'failed', reason, tries, until, mayHaveLanded }",
    replace: "{ name: 'failed', reason, tries, until, mayHaveLanded: false }",
    killedBy: unit(taskEventsTest, 'cannot be cancelled while the merge may be on the target'),
  },
  {
    name: 'a merge without an outcome in time counts as not landed',
    file: 'src/core/rules/merge-queue.ts',
    find: 'mayHaveLanded: true',
    replace: 'mayHaveLanded: false',
    killedBy: unit(taskEventsTest, 'cannot be cancelled after the merge gave no outcome in time'),
  },
  {
    name: 'a task is cancelled although its merge may have landed',
    file: 'src/core/entities/task.ts',
    find: "merge?.name === 'failed' && merge.mayHaveLanded",
    replace: 'false',
    killedBy: unit(taskEventsTest, 'cannot be cancelled while the merge may be on the target'),
  },
  {
    name: 'the executor reports every failed merge as not landed',
    file: 'src/engine/command-failure.ts',
    find: 'mayHaveLanded: error instanceof UncertainOutcome',
    replace: 'mayHaveLanded: false',
    killedBy: unit(executorTest, 'may have landed when the target was about to move'),
  },
]

/** Bugs of what a late or old launch does. */
export const launchMutants: readonly Mutant[] = [
  {
    name: 'the work of a quarantined worker is saved while the worker may still change it',
    file: 'src/core/rules/lifecycle.ts',
    find: 'else if (!isQuarantined) saveWork',
    replace: 'else saveWork',
    killedBy: unit(
      'src/core/entities/backup.test.ts',
      'has its work saved once it is stopped: until then it may change it',
    ),
  },
  {
    name: 'a report counts for a task whose brief its worker has not read',
    file: 'src/core/events/task-events.ts',
    find: "if (event.type !== 'brief-fetched' && !hasBrief(task))",
    replace: 'if (false)',
    killedBy: unit(
      'src/core/events/task-events.test.ts',
      'is ignored until its worker has fetched the brief',
    ),
  },
  {
    name: 'a stop that is carried out late ends a newer launch',
    file: 'src/engine/executor.ts',
    find: 'if (!isCurrent(command, state())) return []',
    replace: '',
    killedBy: unit(
      'src/engine/executor.test.ts',
      'of an older launch, whose command was late, leaves the newer launch alone',
    ),
  },
]

/** Bugs of the order of commands and of saved work. */
export const effectMutants: readonly Mutant[] = [
  {
    name: 'commands for one line run side by side',
    file: 'src/engine/executor.ts',
    find: "'line' in command ? hubOf(command.line) : 'run'",
    replace: 'command.type',
    killedBy: unit(executorTest, 'are executed one after the other, in their order'),
  },
  {
    name: 'a push that takes long holds up the merges of its line',
    file: 'src/engine/executor.ts',
    find: "if (command.type === 'publish')",
    replace: "if (command.type === 'publish' && false)",
    killedBy: unit(executorTest, 'do not wait for a push'),
  },
  {
    name: 'a fetch that takes long holds up the merges of its line',
    file: 'src/engine/executor.ts',
    find: '`fetch:${command.line}`',
    replace: '`merge:${command.line}`',
    killedBy: unit(
      executorTest,
      'do not wait for a fetch from an origin that hangs, and merges land meanwhile',
    ),
  },
  {
    name: 'what was fetched is merged beside other commands for the line',
    file: 'src/engine/commands/merge-upstream.ts',
    find: 'inHub(line, async () => {',
    replace: '(async (job: () => Promise<UpstreamOutcome>) => job())(async () => {',
    killedBy: unit(executorTest, 'are executed one after the other, in their order'),
  },
  {
    name: 'the executor reports a failed save as final',
    file: 'src/engine/command-failure.ts',
    find: "type: 'work-not-saved', backup: command.backup, reason, isFinal: false",
    replace: "type: 'work-not-saved', backup: command.backup, reason, isFinal: true",
    killedBy: unit(executorTest, 'is reported as not final, so that it is tried again'),
  },
  {
    name: 'a failed save is never tried again',
    file: 'src/core/events/backup-events.ts',
    find: 'if (!event.isFinal) failSave(',
    replace: 'if (false) failSave(',
    killedBy: unit(
      'src/core/events/backup-events.test.ts',
      'is tried again after a pause unless the failure is final',
    ),
  },
]
