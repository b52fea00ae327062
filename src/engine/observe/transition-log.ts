import { budgetVerdict } from '../../core/model/ledger.ts'
import type { State } from '../../core/model/state.ts'
import type { Change } from '../dispatch/dispatcher.ts'

/** One thing worth telling a human who watches the log. */
export interface Line {
  readonly level: 'info' | 'warn'
  readonly text: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** What changed, in the words of whoever watches: phases of the run, of instances and of tasks, and work that has to be tried again. */
export function describeTransitions({ before, after }: Change): readonly Line[] {
  return [
    ...runLines(before, after),
    ...instanceLines(before, after),
    ...taskLines(before, after),
    ...backupLines(before, after),
    ...credentialLines(before, after),
  ]
}

const troubled = new Set([
  ...['resting', 'quarantined', 'limited', 'failed', 'blocked', 'conflicted', 'rejected'],
  ...['cooling', 'spent', 'missing', 'disabled', 'unsaved'],
])

function line(text: string, phase: { readonly name: string }, fields: Line['fields']): Line {
  const reason =
    'reason' in phase && phase.reason !== null
      ? { reason: phase.reason }
      : 'question' in phase
        ? { reason: phase.question }
        : {}
  return {
    level: troubled.has(phase.name) ? 'warn' : 'info',
    text,
    fields: { ...fields, ...reason },
  }
}

function runLines(before: State, after: State): Line[] {
  const lines: Line[] = []
  if (before.run.phase.name !== after.run.phase.name)
    lines.push(line(`the run is ${after.run.phase.name}`, after.run.phase, {}))
  const [was, budget] = [before, after].map(({ ledger, rules }) =>
    budgetVerdict(ledger, rules.budget, null),
  )
  if (budget !== undefined && was !== budget) {
    const text = {
      within: 'the budget of the run has room again',
      near: 'four fifths of the budget of the run are used',
      exceeded: 'the budget of the run is used up',
    }
    lines.push({
      level: budget === 'within' ? 'info' : 'warn',
      text: text[budget],
      fields: { ...after.ledger.run },
    })
  }
  for (const chore of ['lists', 'publish', 'upstream'] as const) {
    const now = after.run[chore]
    if (now !== before.run[chore] && now.name === 'failed')
      lines.push(line(`${chore} failed`, now, { tries: now.tries }))
  }
  return lines
}

function instanceLines(before: State, after: State): Line[] {
  return [...after.instances.values()].flatMap(({ id, phase, launch, task }) => {
    const was = before.instances.get(id)
    if (was?.phase.name === phase.name && was.launch === launch) return []
    return [line(`${id} is ${phase.name}`, phase, { launch, ...(task === null ? {} : { task }) })]
  })
}

function taskLines(before: State, after: State): Line[] {
  return [...after.tasks.values()].flatMap((task) => {
    if (before.tasks.get(task.id)?.phase.name === task.phase.name) return []
    const trouble =
      task.phase.name === 'conflicted' && task.returned?.kind === 'conflict'
        ? { paths: task.returned.paths }
        : {}
    return [
      line(`task ${task.id} is ${task.phase.name}`, task.phase, {
        worker: task.assignee,
        ...trouble,
      }),
    ]
  })
}

function backupLines(before: State, after: State): Line[] {
  if (before.backups === after.backups) return []
  return [...after.backups.values()].flatMap(({ id, reason, phase }) => {
    if (before.backups.get(id)?.phase.name === phase.name || phase.name === 'saving') return []
    const problem = 'reason' in phase ? { reason: phase.reason } : {}
    return [line(`backup ${id} is ${phase.name}`, phase, { because: reason, ...problem })]
  })
}

function credentialLines(before: State, after: State): Line[] {
  const moved = [...after.instances.values()].flatMap(({ id, credentialInUse }) => {
    const was = before.instances.get(id)?.credentialInUse ?? null
    if (was === null || credentialInUse === null || was === credentialInUse) return []
    return [line(`${id} goes on with ${credentialInUse}`, { name: 'leased' }, { from: was })]
  })
  const changed = [...after.credentials.values()].flatMap(({ id, phase }) => {
    const was = before.credentials.get(id)?.phase.name
    if (was === undefined || was === phase.name || phase.name === 'leased') return []
    const until = 'until' in phase ? { until: new Date(phase.until).toISOString() } : {}
    return [line(`credential ${id} is ${phase.name}`, phase, until)]
  })
  return [...changed, ...moved]
}
