import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Files of e2e that mostly wait, until a fault is over or a window opens: of two cores 40 to 70 %
 * are idle meanwhile. The others leave at most 25 % idle. The longest comes first.
 */
export const waiting: readonly string[] = [
  'e2e/faults/passing-limits',
  'e2e/pool-empty',
  'e2e/faults/outage',
  'e2e/chaos',
  'e2e/outside-world',
  'e2e/kill',
  'e2e/faults/prompts',
  'e2e/faults/engine',
  'e2e/state-disk',
  'e2e/faults/worker-boundary',
  'e2e/faults/silence',
]

/**
 * Files of integration and contracts that take more than 15 s, the longest first: one of them that
 * came last would run alone.
 */
export const long: readonly string[] = [
  'integration/egress-private',
  'integration/git-protected',
  'integration/git-discarded',
  'integration/egress-silent-dns',
  'integration/git-bombs',
  'integration/delivery',
  'contracts/repository-follow',
  'contracts/runtime',
  'integration/git-authors',
  'contracts/repository-discarded',
  'integration/docker-agent',
  'integration/hostile-settings',
  'contracts/repository-origin',
  'integration/egress-cut',
]

/** Files of e2e that are busy for minutes, the longest first: the last one would run alone. */
export const busy: readonly string[] = [
  'e2e/attack',
  'e2e/faults/limits',
  'e2e/failpoints',
  'e2e/canary',
]

/**
 * Puts a file of e2e that mostly waits beside one that is busy, and the long files of the other
 * projects before their short ones.
 */
export class RunningOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isEndToEnd = ({ project }: TestSpecification): boolean => project.name === 'e2e'
    return [
      ...longestFirst(sorted.filter((file) => !isEndToEnd(file))),
      ...alternate(sorted.filter((file) => isEndToEnd(file))),
    ]
  }
}

function longestFirst(files: readonly TestSpecification[]): readonly TestSpecification[] {
  const [first, others] = parted(files, long)
  return [...first, ...others]
}

function alternate(files: readonly TestSpecification[]): readonly TestSpecification[] {
  const [idle, others] = parted(files, waiting)
  const [first, last] = parted(others, busy)
  const atWork = [...first, ...last]
  return Array.from({ length: Math.max(atWork.length, idle.length) }, (_, index) =>
    [idle[index], atWork[index]].filter((file) => file !== undefined),
  ).flat()
}

/** Those that are named, in the order of their names, and the others. */
function parted(
  files: readonly TestSpecification[],
  names: readonly string[],
): readonly [readonly TestSpecification[], readonly TestSpecification[]] {
  const rank = ({ moduleId }: TestSpecification): number =>
    names.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
  const named = files.filter((file) => rank(file) >= 0)
  return [
    named.toSorted((one, other) => rank(one) - rank(other)),
    files.filter((file) => rank(file) < 0),
  ]
}
