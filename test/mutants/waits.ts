import { type Mutant, unit } from './mutant.ts'

const placementTest = 'src/core/rules/credential-placement.test.ts'

/** Bugs of rotations and of `/clear`. */
export const waitMutants: readonly Mutant[] = [
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

const upgradesTest = 'src/core/rules/upgrades.test.ts'

/** Bugs of instances that run on older tools. */
export const upgradeMutants: readonly Mutant[] = [
  {
    name: 'an upgrade disturbs instances in their turns',
    file: 'src/core/rules/upgrades.ts',
    find: "outdated !== null && phase.name === 'ready' && task === null",
    replace: 'outdated !== null && isRunning(phase)',
    killedBy: unit(upgradesTest, 'is not disturbed in its turn, and is replaced between two tasks'),
  },
  {
    name: 'an instance keeps its old tools while there are tasks',
    file: 'src/core/decide.ts',
    find: '  replaceOutdated(draft)\n',
    replace: '',
    killedBy: unit(upgradesTest, 'is not disturbed in its turn, and is replaced between two tasks'),
  },
  {
    name: 'a new launch counts as outdated like the one before it',
    file: 'src/core/rules/lifecycle.ts',
    find: '      outdated: null,\n',
    replace: '',
    killedBy: unit(upgradesTest, 'is not disturbed in its turn, and is replaced between two tasks'),
  },
]

const hungTurnsTest = 'src/core/rules/hung-turns.test.ts'

/** Bugs of turns that are busy and silent. */
export const hungTurnMutants: readonly Mutant[] = [
  {
    name: 'an instance that is seen busy is given up like any silent one',
    file: 'src/core/rules/hung-turns.ts',
    find: '(busy?.seen ?? lastHeartbeat) + (probes + 1)',
    replace: 'lastHeartbeat + (probes + 1)',
    killedBy: unit(hungTurnsTest, 'is not given up: each look at it counts as a sign of life'),
  },
  {
    name: 'a turn that is seen busy may be silent for ever',
    file: 'src/core/rules/hung-turns.ts',
    find: 'busy === null ? null : lastHeartbeat + busyMs',
    replace: 'busy === null ? null : busy.seen + busyMs',
    killedBy: unit(hungTurnsTest, 'is interrupted two hours after its last other sign of life'),
  },
  {
    name: 'a turn that hangs again and again is interrupted again and again',
    file: 'src/core/rules/hung-turns.ts',
    find: 'const isRepeated = hungTurns > 1',
    replace: 'const isRepeated = false',
    killedBy: unit(
      hungTurnsTest,
      'twice in a row is the Manager’s to decide, and the worker is free',
    ),
  },
  {
    name: 'the screen of a paused process counts as a sign of life',
    file: 'src/engine/commands/probe-instance.ts',
    find: 'screen !== first && ',
    replace: '',
    killedBy: unit(
      'src/engine/commands/probe-instance.test.ts',
      'reports nothing when the screen does not change: its process hangs or is paused',
    ),
  },
]

const startsTest = 'src/core/rules/starts.test.ts'

/** Bugs of starts that prepare a large workspace. */
export const preparationMutants: readonly Mutant[] = [
  {
    name: 'a start ends while its workspace moves on',
    file: 'src/core/rules/starts.ts',
    find: 'Math.max(since, lastProgress ?? since)',
    replace: 'since',
    killedBy: unit(startsTest, 'goes on when a report comes just before the limit'),
  },
  {
    name: 'a preparation that moves on lasts for ever',
    file: 'src/core/rules/starts.ts',
    find: 'since + timeouts.preparationMs',
    replace: 'Infinity',
    killedBy: unit(
      startsTest,
      'ends after four hours without counting as a failure: the next start continues it',
    ),
  },
  {
    name: 'a workspace that takes longer than a start may counts as a failure',
    file: 'src/core/rules/starts.ts',
    find: 'return restartWithoutPenalty(draft, id, unfinished)',
    replace: 'return lose(draft, id, unfinished)',
    killedBy: unit(
      startsTest,
      'ends after four hours without counting as a failure: the next start continues it',
    ),
  },
]
