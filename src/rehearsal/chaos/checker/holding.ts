import { effective, type Evidence, type Row, type Task } from './evidence.ts'

/** A task is held by one launch at a time, and what comes from an older launch changes nothing. */
export function holdingProblems(evidence: Evidence): readonly string[] {
  return [...staleEffects(evidence), ...changesOfHands(evidence), ...overlaps(evidence.tasks)]
}

/** The launch of an instance is the last one that was ordered. */
function staleEffects(evidence: Evidence): readonly string[] {
  const launches = new Map<string, number>()
  const problems: string[] = []
  for (const { event, commands, sequence } of effective(evidence)) {
    const { instance, launch, type } = event
    const current = instance === undefined ? undefined : launches.get(instance)
    if (launch !== undefined && current !== undefined && launch < current)
      problems.push(
        `${type} (${sequence}) of launch ${launch} of ${instance} had an effect, though launch ${current} was ordered`,
      )
    for (const command of commands) {
      if (
        command.type === 'start-instance' &&
        command.instance !== undefined &&
        command.launch !== undefined
      )
        launches.set(command.instance, command.launch)
    }
  }
  return problems
}

const proofs = new Set(['brief-fetched', 'task-progressed'])
const ends = new Set([
  'task-reported',
  'task-blocked',
  'task-cancelled',
  'task-answered',
  'merge-landed',
])

/**
 * A worker keeps its task until it reports, or is taken out of service, or is started again and
 * then goes on itself. No other worker may work on it meanwhile.
 */
function changesOfHands(evidence: Evidence): readonly string[] {
  const holders = new Map<string, string>()
  const problems: string[] = []
  for (const row of effective(evidence)) {
    const { event, sequence } = row
    const { task, instance } = event
    for (const gone of takenOutOfService(row))
      for (const [held, holder] of holders) if (holder === gone) holders.delete(held)
    if (task === undefined) continue
    const holder = holders.get(task)
    const isWork =
      proofs.has(event.type) || (event.type === 'task-reported' && instance !== undefined)
    if (isWork && instance !== undefined) {
      if (holder !== undefined && holder !== instance)
        problems.push(`${instance} worked on ${task} (${sequence}) while ${holder} held it`)
      holders.set(task, instance)
    }
    if (ends.has(event.type)) holders.delete(task)
  }
  return problems
}

/** Instances taken out of service after too many failures: their tasks go to others. */
export const takenOutOfService = ({ event, commands }: Row): readonly string[] =>
  event.type === 'server-started' || commands.some(({ type }) => type === 'stop-everything')
    ? []
    : commands.flatMap(({ type, instance }) =>
        type === 'stop-instance' && instance !== undefined ? [instance] : [],
      )

/** What the database remembers of who held what and when. */
function overlaps(tasks: readonly Task[]): readonly string[] {
  const spans = tasks.flatMap(({ id, attempts }) =>
    attempts.map((attempt) => ({ ...attempt, task: id })),
  )
  const ofTasks = Map.groupBy(spans, ({ task }) => task)
  const ofInstances = Map.groupBy(spans, ({ instance }) => instance)
  return [...ofTasks, ...ofInstances].flatMap(([whose, list]) => {
    const sorted = list.toSorted((a, b) => a.startedAt - b.startedAt)
    return sorted.slice(1).flatMap((next, index) => {
      const before = sorted[index]
      const isOver =
        before?.endedAt !== null && before !== undefined && before.endedAt <= next.startedAt
      return isOver
        ? []
        : [
            `${whose}: ${next.instance} took ${next.task} before ${before?.instance} let go of ${before?.task}`,
          ]
    })
  })
}
