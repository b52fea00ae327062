import { budgetVerdict } from '../../core/model/ledger.ts'
import { type SyncName, syncNames } from '../../core/model/line.ts'
import type { State } from '../../core/model/state.ts'
import type { Change } from '../dispatch/dispatcher.ts'
import { describeRefused } from './refused-host.ts'

/** One line of the server's log. */
export interface Line {
  readonly level: 'info' | 'warn'
  readonly text: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** The log lines of a change: new phases, a used-up budget, a failed sync, a refused host. */
export function describeTransitions({ before, after }: Change): readonly Line[] {
  return [
    ...runLines(before, after),
    ...syncLines(before, after),
    ...instanceLines(before, after),
    ...taskLines(before, after),
    ...backupLines(before, after),
    ...credentialLines(before, after),
    ...hostLines(before, after),
  ]
}

/** Phases that a human may have to act on. */
const warningPhases = new Set([
  ...['backing-off', 'quarantined', 'rate-limited', 'failed', 'blocked', 'conflicted', 'rejected'],
  ...['cooling', 'spent', 'missing', 'disabled', 'unsaved'],
])

function phaseLine(text: string, phase: { readonly name: string }, fields: Line['fields']): Line {
  const reason =
    'reason' in phase && phase.reason !== null
      ? { reason: phase.reason }
      : 'question' in phase
        ? { reason: phase.question }
        : {}
  return {
    level: warningPhases.has(phase.name) ? 'warn' : 'info',
    text,
    fields: { ...fields, ...reason },
  }
}

const failedSync: Readonly<Record<SyncName, string>> = {
  checks: 'the checks could not be run on the branch',
  lists: 'the task lists could not be updated',
  publish: 'the target branch could not be published',
  upstream: 'the commits that others pushed could not be merged',
}

function runLines(before: State, after: State): Line[] {
  const lines: Line[] = []
  if (before.run.phase.name !== after.run.phase.name)
    lines.push(phaseLine(`the run is ${after.run.phase.name}`, after.run.phase, {}))
  const [budgetBefore, budget] = [before, after].map(({ ledger, policy }) =>
    budgetVerdict(ledger, policy.budget, null),
  )
  if (budget !== undefined && budgetBefore !== budget) {
    const text = {
      within: 'the run is within its budget again',
      near: 'four fifths of the budget of the run are used',
      exceeded: 'the budget of the run is used up',
    }
    lines.push({
      level: budget === 'within' ? 'info' : 'warn',
      text: text[budget],
      fields: { ...after.ledger.run },
    })
  }
  return lines
}

function syncLines(before: State, after: State): Line[] {
  if (before.lines === after.lines) return []
  return [...after.lines.values()].flatMap((line) =>
    syncNames.flatMap((name) => {
      const sync = line[name]
      if (sync === before.lines.get(line.id)?.[name] || sync.name !== 'failed') return []
      return [phaseLine(failedSync[name], sync, { line: line.id, tries: sync.tries })]
    }),
  )
}

function instanceLines(before: State, after: State): Line[] {
  return [...after.instances.values()].flatMap(({ id, phase, launch, task }) => {
    const was = before.instances.get(id)
    if (was?.phase.name === phase.name && was.launch === launch) return []
    return [
      phaseLine(`${id} is ${phase.name}`, phase, { launch, ...(task === null ? {} : { task }) }),
    ]
  })
}

function taskLines(before: State, after: State): Line[] {
  return after.tasks.changesSince(before.tasks).written.flatMap(({ row: task }) => {
    if (before.tasks.get(task.id)?.phase.name === task.phase.name) return []
    const conflict =
      task.phase.name === 'conflicted' && task.returned?.kind === 'conflict'
        ? { paths: task.returned.paths }
        : {}
    return [
      phaseLine(`task ${task.id} is ${task.phase.name}`, task.phase, {
        worker: task.assignee,
        ...conflict,
      }),
    ]
  })
}

function backupLines(before: State, after: State): Line[] {
  return after.backups.changesSince(before.backups).written.flatMap(({ row }) => {
    const { id, reason, phase } = row
    if (before.backups.get(id)?.phase.name === phase.name || phase.name === 'saving') return []
    const problem = 'reason' in phase ? { reason: phase.reason } : {}
    return [phaseLine(`backup ${id} is ${phase.name}`, phase, { because: reason, ...problem })]
  })
}

function credentialLines(before: State, after: State): Line[] {
  const rotated = [...after.instances.values()].flatMap(({ id, credentialInUse }): Line[] => {
    const was = before.instances.get(id)?.credentialInUse ?? null
    if (was === null || credentialInUse === null || was === credentialInUse) return []
    const text = `${id} goes on with ${credentialInUse}`
    return [{ level: 'info', text, fields: { from: was } }]
  })
  const changed = [...after.credentials.values()].flatMap(({ id, phase }) => {
    const was = before.credentials.get(id)?.phase.name
    if (was === undefined || was === phase.name || phase.name === 'leased') return []
    const until = 'until' in phase ? { until: new Date(phase.until).toISOString() } : {}
    return [phaseLine(`credential ${id} is ${phase.name}`, phase, until)]
  })
  return [...changed, ...rotated]
}

function hostLines(before: State, after: State): Line[] {
  const { refused, uploads } = before.hosts
  return [
    ...after.hosts.refused
      .filter((each) => !refused.includes(each))
      .map(({ host, by }): Line => {
        const text = `${by} may not reach ${describeRefused(host)}: hosts.refused of /status allows it`
        return { level: 'warn', text, fields: { entry: host } }
      }),
    ...after.hosts.uploads
      .filter(({ host, by }) => !uploads.some((each) => each.host === host && each.by === by))
      .map(({ host, by, bytes }): Line => {
        const text = `${by} has sent much to ${host}: hosts.uploads of /status accepts it`
        return { level: 'warn', text, fields: { bytes } }
      }),
  ]
}
