import { type Mutant, unit } from './mutant.ts'

const lostHunksTest = 'src/adapters/git/compare/lost-hunks.test.ts'
const workerApiTest = 'src/engine/worker-api.test.ts'

/** Bugs that let work undo what others changed. */
export const discardMutants: readonly Mutant[] = [
  {
    name: 'the work begins again with every brief',
    file: 'src/core/events/task-events.ts',
    find: 'if (task.base === null && event.base !== undefined)',
    replace: 'if (event.base !== undefined)',
    killedBy: unit(workerApiTest, 'records once where the target was when the work began'),
  },
  {
    name: 'a report that undoes what others changed is accepted',
    file: 'src/engine/judge-report.ts',
    find: 'if (discarded.length > 0) {',
    replace: 'if (discarded.length > 500) {',
    killedBy: unit(
      workerApiTest,
      'is refused with the way to ask, since the worker alone cannot allow it',
    ),
  },
  {
    name: 'one path that the plan names allows every path',
    file: 'src/engine/judge-report.ts',
    find: '(path) => !replaces.some((named) => covers(named, path)))',
    replace: '() => replaces.length === 0)',
    killedBy: unit(workerApiTest, 'is accepted for a path that the plan names, and for no other'),
  },
  {
    name: 'an answer forgets the paths that the plan allowed',
    file: 'src/core/events/task-events.ts',
    find: 'replaces: [...new Set([...known, ...replaces])],',
    replace: 'replaces: [...replaces],',
    killedBy: unit(
      'src/core/events/task-events.test.ts',
      'may do so in the paths of its plan and of every answer',
    ),
  },
  {
    name: 'lines that others inserted count as merged when any line stands in their place',
    file: 'src/adapters/git/compare/lost-hunks.ts',
    find: '!change.added.some(carries)',
    replace: 'change.added.length === 0',
    killedBy: unit(
      lostHunksTest,
      'of inserted lines is lost when another line is inserted in their place',
    ),
  },
  {
    name: "a worker's own side of a conflict counts as merged",
    file: 'src/adapters/git/compare/lost-hunks.ts',
    find: 'const overlapping = file.own.filter((own) => overlaps(own, hunk))',
    replace: 'const overlapping = file.own.filter((own) => overlaps(own, hunk) && false)',
    killedBy: unit(
      lostHunksTest,
      'also where the own change has another number of lines, is lost as well',
    ),
  },
]

/** Bugs that let the server act on what was so before. */
export const memoryMutants: readonly Mutant[] = [
  {
    name: 'what a ref once meant is remembered',
    file: 'src/adapters/git/objects/remembered.ts',
    find: 'if (!ids.every(isId)) return ask()',
    replace: '',
    killedBy: unit(
      'src/adapters/git/objects/remembered.test.ts',
      'is asked every time when it names a ref',
    ),
  },
]
