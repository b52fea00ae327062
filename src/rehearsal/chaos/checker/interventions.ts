import { effective, type Evidence } from './evidence.ts'
import { takenOutOfService } from './holding.ts'

/** What only a human could clear at the end, by name: from the database. */
export function interventionsIn({
  credentials,
  instances,
  tasks,
  run,
}: Evidence): readonly string[] {
  const hasEnded = run.phase.name === 'done'
  return [
    ...(run.phase.name === 'failed' || run.phase.name === 'awaiting-approval' ? ['the run'] : []),
    ...credentials
      .filter(({ phase }) => ['rejected', 'spent', 'missing', 'disabled'].includes(phase.name))
      .map(({ id }) => id),
    ...instances
      .filter(({ phase }) => !hasEnded && ['quarantined', 'absent'].includes(phase.name))
      .map(({ id }) => id),
    ...tasks.filter(({ phase }) => phase.name === 'blocked').map(({ id }) => id),
  ]
}

/** How often an instance failed so often that it was taken out of service. */
export const quarantinesIn = (evidence: Evidence): number =>
  effective(evidence).flatMap(takenOutOfService).length
