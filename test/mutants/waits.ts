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
