import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Files of e2e that mostly wait, until a fault is over or a window opens: of two cores 40 to 70 %
 * are idle meanwhile. The others leave at most 25 % idle. The longest comes first.
 */
const waiting = [
  'faults/passing-limits',
  'pool-empty',
  'faults/outage',
  'chaos',
  'outside-world',
  'kill',
  'faults/prompts',
  'faults/engine',
  'state-disk',
  'faults/worker-boundary',
  'faults/silence',
]

/** Two files of e2e run at a time: puts one that mostly waits beside one that is busy. */
export class RunningOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isEndToEnd = ({ project }: TestSpecification): boolean => project.name === 'e2e'
    return [
      ...sorted.filter((file) => !isEndToEnd(file)),
      ...alternate(sorted.filter((file) => isEndToEnd(file))),
    ]
  }
}

function alternate(files: readonly TestSpecification[]): readonly TestSpecification[] {
  const rank = ({ moduleId }: TestSpecification): number =>
    waiting.findIndex((name) => moduleId.endsWith(`/test/e2e/${name}.test.ts`))
  const busy = files.filter((file) => rank(file) < 0)
  const idle = files
    .filter((file) => rank(file) >= 0)
    .toSorted((one, other) => rank(one) - rank(other))
  return Array.from({ length: Math.max(busy.length, idle.length) }, (_, index) =>
    [idle[index], busy[index]].filter((file) => file !== undefined),
  ).flat()
}
