import { type Mutant, unit } from './mutant.ts'

const endingFile = 'src/core/rules/ending.ts'
const endingTest = 'src/core/rules/ending.test.ts'
const rewritesTest = 'src/core/rules/origin-rewrites.test.ts'
const followedFile = 'src/core/rules/followed-origin.ts'
const followedTest = 'src/core/rules/followed-origin.test.ts'
const conflictsTest = 'src/core/rules/origin-conflicts.test.ts'
const linesTest = 'src/core/rules/lines.test.ts'

/** Bugs of what goes to the origin and comes from it. */
export const originMutants: readonly Mutant[] = [
  {
    name: 'a line is pushed while its origin is rewritten',
    file: 'src/core/entities/sync.ts',
    find: ' || isRewritten(state, line)',
    replace: '',
    killedBy: unit(rewritesTest, 'stops pushes and merges, while reports are still taken in'),
  },
  {
    name: 'the team waits for the answer about a rewritten origin',
    file: endingFile,
    find: '(rewrite !== null ||',
    replace: '(false ||',
    killedBy: unit(rewritesTest, 'keeps the run from being done, without its team'),
  },
  {
    name: 'the outcome of a follow that is repeated is applied again',
    file: followedFile,
    find: 'if (rewrite?.before !== before || rewrite.after !== after) return',
    replace: '',
    killedBy: unit(followedTest, 'does the same only once'),
  },
  {
    name: 'merged work that does not fit a rewritten origin counts as merged',
    file: followedFile,
    find: 'for (const each of event.returned) returnMerge(draft, each, former)',
    replace: '',
    killedBy: unit(followedTest, 'gives merged work that does not fit back to its worker'),
  },
  {
    name: 'a replayed merge whose landing was not recorded is merged again',
    file: followedFile,
    find: 'else if (isInQueue(draft, task, work)) landMerge(draft, task, to)',
    replace: '',
    killedBy: unit(followedTest, 'counts a replayed merge whose landing was not recorded'),
  },
  {
    name: 'merged work that a person removed is not announced',
    file: followedFile,
    find: 'if (tasks.length === 0) return',
    replace: 'return',
    killedBy: unit(followedTest, 'leaves work merged that a person removed, and says so'),
  },
  {
    name: 'the team is stopped after the first refused push',
    file: endingFile,
    find: 'sync.tries >= triesWithTeam',
    replace: 'true',
    killedBy: unit(
      endingTest,
      'pushes two more times before it stops its team and frees the credentials',
    ),
  },
  {
    name: 'the run is done although its origin refuses the work',
    file: endingFile,
    find: 'if (lines.every(isComplete)) return endRun',
    replace: 'if (lines.every((line) => isComplete(line) || isStuck(line))) return endRun',
    killedBy: unit(
      endingTest,
      'is not done while the origin lacks its work, however often it refuses',
    ),
  },
  {
    name: 'the next start leaves a run done whose origin lacks work',
    file: endingFile,
    find: "phase.name === 'done' && !phase.isAccepted && !areAllPublished",
    replace: 'false',
    killedBy: unit(
      endingTest,
      'goes on publishing at the next start when the origin lacks its work',
    ),
  },
  {
    name: 'a head that the last server moved is not published',
    file: 'src/core/events/server-events.ts',
    find: "if (known.head !== tip.head) markOutOfSync(draft, tip.id, 'publish')",
    replace: '',
    killedBy: unit(
      'src/core/events/sync-events.test.ts',
      'is published when a command of the last server moved it and its outcome was lost',
    ),
  },
  {
    name: 'a line is pushed while the origin conflicts with it',
    file: 'src/core/entities/sync.ts',
    find: 'return originMergeOf(state, line) !== null || ',
    replace: 'return ',
    killedBy: unit(
      conflictsTest,
      'do not make the fetch fail, and hold back the push until they are merged',
    ),
  },
  {
    name: 'every conflicting push makes a task of its own',
    file: 'src/core/rules/origin-conflicts.ts',
    find: 'if (known !== null && open !== null)',
    replace: 'if (false)',
    killedBy: unit(conflictsTest, 'join the open task when more of them are pushed'),
  },
  {
    name: 'the Manager may cancel the merge of what others pushed',
    file: 'src/core/events/task-events.ts',
    find: "by === 'manager' && lineMergedBy(draft.state, id) !== null",
    replace: 'false',
    killedBy: unit(conflictsTest, 'cannot be cancelled by the Manager'),
  },
  {
    name: 'a push refused as behind does not make the server fetch',
    file: 'src/core/events/sync-events.ts',
    find: 'if (event.isBehind && ',
    replace: 'if (false && ',
    killedBy: unit(
      'src/core/events/sync-events.test.ts',
      'makes the server fetch at once when the origin has commits that the hub lacks',
    ),
  },
  {
    name: 'a head that a fetch has moved is not published',
    file: 'src/core/events/sync-events.ts',
    find: "moveHead(draft, line, event.head)\n      finishSync(draft, line, 'upstream')",
    replace: "draft.setLine(line, { head: event.head })\n      finishSync(draft, line, 'upstream')",
    killedBy: unit(
      'src/core/events/sync-events.test.ts',
      'is published when merging what others pushed has moved it',
    ),
  },
]

/** Bugs of runs with several lines. */
export const lineMutants: readonly Mutant[] = [
  {
    name: 'all lines share one merge queue',
    file: 'src/core/rules/merge-queue.ts',
    find: '&& !heads.has(merge.line)) heads.set(merge.line, merge)',
    replace: '&& heads.size === 0) heads.set(merge.line, merge)',
    killedBy: unit(linesTest, 'merges into both at the same time'),
  },
  {
    name: 'the run is done when its lead line is published',
    file: endingFile,
    find: 'lines.every(isComplete)',
    replace: 'lines.slice(0, 1).every(isComplete)',
    killedBy: unit(linesTest, 'is done only when both are published'),
  },
]
