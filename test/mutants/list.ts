/** A deliberate bug in one file of the product, and the test that fails because of it. */
export interface Mutant {
  /** What the broken product does wrong. */
  readonly name: string
  /** The changed file, from the root of the repository. */
  readonly file: string
  /** Text that occurs exactly once in the file. */
  readonly find: string
  readonly replace: string
  readonly killedBy: {
    readonly project: 'unit' | 'scenarios'
    /** From the root of the repository. */
    readonly file: string
    /** The title in `it(…)`, which occurs exactly once in the file. */
    readonly test: string
  }
}

const unit = (file: string, test: string): Mutant['killedBy'] => ({ project: 'unit', file, test })

const run: readonly Mutant[] = [
  {
    name: 'the run is done after the first refused push',
    file: 'src/core/rules/manager.ts',
    find: "(publish.name === 'failed' && publish.tries >= maxRequests)",
    replace: "publish.name === 'failed'",
    killedBy: unit('src/core/rules/manager.test.ts', 'pushes two more times before it is done'),
  },
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
    find: "if (to === 'merged') return tasks.in(dependentsOf(TaskId(id)))",
    replace: "if (to === 'merged') return []",
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

const sync: readonly Mutant[] = [
  {
    name: 'a push refused as behind does not make the server fetch',
    file: 'src/core/events/sync-events.ts',
    find: "if (event.isBehind) markOutOfSync(draft, line, 'upstream')",
    replace: '',
    killedBy: unit(
      'src/core/events/sync-events.test.ts',
      'makes the server fetch at once when the origin has commits that the hub lacks',
    ),
  },
  {
    name: 'a head that a fetch has moved is not published',
    file: 'src/core/events/sync-events.ts',
    find: "case 'upstream-merged':\n      moveHead(draft, line, event.head)",
    replace: "case 'upstream-merged':\n      draft.setLine(line, { head: event.head })",
    killedBy: unit(
      'src/core/events/sync-events.test.ts',
      'is published when merging what others pushed has moved it',
    ),
  },
]

const linesTest = 'src/core/rules/lines.test.ts'

const lines: readonly Mutant[] = [
  {
    name: 'all lines share one merge queue',
    file: 'src/core/rules/merge-queue.ts',
    find: 'if (!heads.has(merge.line)) heads.set(merge.line, merge)',
    replace: 'if (heads.size === 0) heads.set(merge.line, merge)',
    killedBy: unit(linesTest, 'merges into both at the same time'),
  },
  {
    name: 'the run is done when its lead line is published',
    file: 'src/core/rules/manager.ts',
    find: '[...draft.state.lines.values()].every(isClosed)',
    replace: '[...draft.state.lines.values()].slice(0, 1).every(isClosed)',
    killedBy: unit(linesTest, 'is done only when both are published'),
  },
]

const reports: readonly Mutant[] = [
  {
    name: 'a report counts for a task whose brief its worker has not read',
    file: 'src/core/events/task-events.ts',
    find: 'if (isOnTask && !hasBrief(task))',
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

const taskEventsTest = 'src/core/events/task-events.test.ts'
const executorTest = 'src/engine/executor.test.ts'

const uncertainMerges: readonly Mutant[] = [
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
    file: 'src/core/events/task-events.ts',
    find: "merge?.name === 'failed' && merge.mayHaveLanded",
    replace: 'false',
    killedBy: unit(taskEventsTest, 'cannot be cancelled while the merge may be on the target'),
  },
  {
    name: 'the executor reports every failed merge as not landed',
    file: 'src/engine/executor.ts',
    find: 'mayHaveLanded: error instanceof UncertainOutcome',
    replace: 'mayHaveLanded: false',
    killedBy: unit(executorTest, 'may have landed when the target was about to move'),
  },
]

const effects: readonly Mutant[] = [
  {
    name: 'commands for one line run side by side',
    file: 'src/engine/executor.ts',
    find: "'line' in command ? `line:${command.line}` : 'run'",
    replace: 'command.type',
    killedBy: unit(executorTest, 'are executed one after the other, in their order'),
  },
  {
    name: 'the executor reports a failed save as final',
    file: 'src/engine/executor.ts',
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

const placementTest = 'src/core/rules/credential-placement.test.ts'

const waits: readonly Mutant[] = [
  {
    name: 'a read of the settings counts before the credential is placed',
    file: 'src/core/rules/credential-placement.ts',
    find: "if (rotation?.step !== 'reading') return false",
    replace: 'if (rotation === null) return false',
    killedBy: unit(
      placementTest,
      'is not over when the settings are read before the placement is recorded',
    ),
  },
  {
    name: 'a second rotation begins during the first',
    file: 'src/core/rules/credential-placement.ts',
    find: 'else if (rotation === null && credentialInUse !== credential)',
    replace: 'else if (rotation?.credential !== credential && credentialInUse !== credential)',
    killedBy: unit(
      placementTest,
      'begins when the first one has ended: its read cannot be taken for that of the second',
    ),
  },
  {
    name: 'nothing ends a rotation whose hook is lost',
    file: 'src/core/rules/deadlines.ts',
    find: 'const dues = [phaseDue(instance, policy), instance.rotation?.until ?? null]',
    replace: 'const dues = [phaseDue(instance, policy)]',
    killedBy: unit(
      placementTest,
      'ends with a restart when the settings are not read in time, and says so',
    ),
  },
  {
    name: 'nothing ends the wait for an answer to /clear',
    file: 'src/core/rules/prompting.ts',
    find: "recordPromptObstacle(draft, id, 'clear-unanswered')",
    replace: 'draft.setInstance(id, { phase: { ...phase, until: draft.at + 3_600_000 } })',
    killedBy: unit(
      'src/core/rules/prompting.test.ts',
      'is tried again after a pause when /clear is not answered within 4 s',
    ),
  },
]

export const mutants: readonly Mutant[] = [
  ...run,
  ...sync,
  ...lines,
  ...reports,
  ...uncertainMerges,
  ...effects,
  ...waits,
]

/** How often `part` occurs in `text`. */
const occurrences = (text: string, part: string): number => text.split(part).length - 1

/**
 * Why the mutant does not fit the sources, as a sentence; null when it does. `read` gives the text
 * of a file, from the root of the repository.
 */
export function objectionTo(
  { file, find, replace, killedBy }: Mutant,
  read: (file: string) => string,
): string | null {
  if (find === replace) return 'it changes nothing'
  const places = occurrences(read(file), find)
  if (places !== 1) return `its text occurs ${places} times in ${file}`
  const tests = occurrences(read(killedBy.file), `it('${killedBy.test}'`)
  return tests === 1 ? null : `its test occurs ${tests} times in ${killedBy.file}`
}
