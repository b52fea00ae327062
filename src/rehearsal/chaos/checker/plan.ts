import { effective, type Evidence } from './evidence.ts'

/** Every task ends merged, once, after those that it depends on. */
export function planProblems(evidence: Evidence): readonly string[] {
  return [...unmerged(evidence), ...outOfOrder(evidence), ...mergedTwice(evidence)]
}

function unmerged({ tasks, run }: Evidence): readonly string[] {
  const open = tasks
    .filter(({ phase }) => phase.name !== 'merged')
    .map(({ id, phase }) => `${id} is ${phase.name}${saidOf(phase)}`)
  return run.phase.name === 'done'
    ? open
    : [`the run is ${run.phase.name}${saidOf(run.phase)}`, ...open]
}

const saidOf = (phase: Readonly<Record<string, unknown>>): string => {
  const said = phase['reason'] ?? phase['question']
  return typeof said === 'string' ? `: ${said}` : ''
}

function outOfOrder(evidence: Evidence): readonly string[] {
  const rows = effective(evidence)
  const firstAt = (type: string, task: string) =>
    rows.find(({ event }) => event.type === type && event.task === task)?.sequence
  return evidence.tasks.flatMap(({ id, dependsOn }) => {
    const begun = firstAt('brief-fetched', id)
    if (begun === undefined) return []
    return dependsOn.flatMap((other) => {
      const merged = firstAt('merge-landed', other)
      return merged !== undefined && merged < begun
        ? []
        : [`${id} was begun before ${other} was merged`]
    })
  })
}

function mergedTwice(evidence: Evidence): readonly string[] {
  const landed = Map.groupBy(
    effective(evidence).filter(({ event }) => event.type === 'merge-landed'),
    ({ event }) => event.task ?? '',
  )
  return [...landed].flatMap(([task, rows]) =>
    rows.length === 1 ? [] : [`${task} landed ${rows.length} times`],
  )
}
