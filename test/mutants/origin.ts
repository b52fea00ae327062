import { type Mutant, unit } from './mutant.ts'

const linesTest = 'src/core/rules/lines.test.ts'

/** Bugs of what goes to the origin and comes from it. */
export const originMutants: readonly Mutant[] = [
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

/** Bugs of runs with several lines. */
export const lineMutants: readonly Mutant[] = [
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
