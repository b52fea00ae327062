import { isOver, type Status } from '../runner/status.ts'

/** What only a human can clear at the end, by name, as the server's own status says. */
export function needsIn(status: Status): readonly string[] {
  const { run, instances, tasks, credentials } = status
  const hasEnded = isOver(status) && run.phase === 'done'
  return [
    ...(run.phase === 'failed' || (!hasEnded && run.needs) ? ['the run'] : []),
    ...credentials.filter(({ needs }) => needs !== null).map(({ id }) => id),
    ...(hasEnded ? [] : instances.filter(({ needs }) => needs !== null).map(({ id }) => id)),
    ...tasks.filter(({ needs }) => Boolean(needs)).map(({ id }) => id),
  ]
}
