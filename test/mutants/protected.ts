import { type Mutant, unit } from './mutant.ts'

const ruleTest = 'src/core/rules/protected-work.test.ts'
const mergeTest = 'src/engine/commands/merge-task.test.ts'

/** Bugs by which work changes what is the operator's without an answer. */
export const protectedMutants: readonly Mutant[] = [
  {
    name: 'work lands that no person approved',
    file: 'src/engine/commands/merge-task.ts',
    find: 'work !== null && work.content !== approved',
    replace: 'false',
    killedBy: unit(mergeTest, 'is held after the checks, and nothing of it is on the target'),
  },
  {
    name: 'an approval counts for any content',
    file: 'src/engine/commands/merge-task.ts',
    find: 'work !== null && work.content !== approved',
    replace: 'work !== null && approved === null',
    killedBy: unit(mergeTest, 'lands with the approval of exactly this content, and with no other'),
  },
  {
    name: 'an answer about another version counts',
    file: 'src/core/rules/protected-work.ts',
    find: 'work.content !== content',
    replace: 'false',
    killedBy: unit(ruleTest, 'waits again when the next try finds another content'),
  },
  {
    name: 'checks that pass on the branch free work that waits for a person',
    file: 'src/core/rules/base-checks.ts',
    find: "phase.waitsFor.kind === 'branch' &&\n      when(phase.waitsFor.position)",
    replace: "(phase.waitsFor.kind !== 'branch' || when(phase.waitsFor.position))",
    killedBy: unit(ruleTest, 'is not freed by checks that pass on the branch'),
  },
]
