import { effective, type Evidence } from './evidence.ts'

/** A tool call that the server said yes to, as the model saw it. */
export interface Acknowledgement {
  /** The call's own id. */
  readonly call: string
  readonly tool: 'report_done' | 'submit_plan' | 'answer'
  /** Empty for a plan. */
  readonly task: string
}

const eventOf = {
  report_done: 'task-reported',
  submit_plan: 'plan-submitted',
  answer: 'task-answered',
} as const

/** What was acknowledged is in the journal, and had one effect. */
export function acknowledgedProblems(
  evidence: Evidence,
  acknowledged: readonly Acknowledgement[],
): readonly string[] {
  return [
    ...missing(evidence, acknowledged),
    ...takenTwice(evidence),
    ...reportedTwice(evidence),
    ...(evidence.integrity === 'ok' ? [] : [`the database is damaged: ${evidence.integrity}`]),
  ]
}

/** More may be there than were acknowledged: an answer can be lost on its way. */
function missing(evidence: Evidence, acknowledged: readonly Acknowledgement[]): readonly string[] {
  const counts = Map.groupBy(
    effective(evidence),
    ({ event }) => `${event.type} ${event.task ?? ''}`,
  )
  const byEvent = Map.groupBy(acknowledged, ({ tool, task }) => `${eventOf[tool]} ${task}`)
  return [...byEvent].flatMap(([what, calls]) => {
    const recorded = counts.get(what)?.length ?? 0
    return recorded >= calls.length
      ? []
      : [`${what} was acknowledged ${calls.length} times, but is in the journal ${recorded} times`]
  })
}

/** A hook has a number of its own within its launch. */
function takenTwice(evidence: Evidence): readonly string[] {
  const taken = Map.groupBy(
    effective(evidence).filter(({ event }) => event.sequence !== undefined),
    ({ event }) => `hook ${event.sequence} of ${event.instance}, launch ${event.launch}`,
  )
  return [...taken].flatMap(([hook, rows]) =>
    rows.length === 1 ? [] : [`${hook} had ${rows.length} effects`],
  )
}

const verdicts = new Set([
  'merge-landed',
  'merge-conflicted',
  'merge-outdated',
  'merge-rejected',
  'task-cancelled',
])

/** Between two reports of one task the first one was judged. */
function reportedTwice(evidence: Evidence): readonly string[] {
  const open = new Map<string, number>()
  const problems: string[] = []
  for (const { event, sequence } of effective(evidence)) {
    if (event.task === undefined) continue
    if (verdicts.has(event.type)) open.delete(event.task)
    if (event.type !== 'task-reported') continue
    const before = open.get(event.task)
    if (before !== undefined)
      problems.push(
        `${event.task} was reported again (${sequence}) before its report (${before}) was judged`,
      )
    open.set(event.task, sequence)
  }
  return problems
}
