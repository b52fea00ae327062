import type { State } from '../../src/core/model/state.ts'

/** The phases of everything, for the message of a run that does not end. */
export function summaryOf({ run, tasks, instances, merges, credentials, backups }: State): string {
  const phases = (all: Iterable<{ readonly id: string; readonly phase: object }>) =>
    Object.fromEntries([...all].map(({ id, phase }) => [id, phase]))
  const each = [tasks, instances, credentials, backups].map((map) => phases(map.values()))
  return JSON.stringify({ run, merges, each })
}

/** A clock that was set back moves future times in the state, with any event. */
export function isSameButForTimes(before: State, after: State): boolean {
  const gist = ({ instances, tasks }: State) => [
    ...[...instances.values()].map(({ id, launch, task, phase }) => [id, launch, task, phase.name]),
    ...[...tasks.values()].map(({ id, phase, attempts, commit }) => [
      id,
      phase.name,
      attempts.length,
      commit,
    ]),
  ]
  return before === after || JSON.stringify(gist(before)) === JSON.stringify(gist(after))
}

/** It waits for a person, who restarts the server. */
export const isStuck = ({ run, instances, credentials }: State): boolean =>
  run.phase.name === 'failed' ||
  [...instances.values()].some(({ phase }) => phase.name === 'quarantined') ||
  [...credentials.values()].some(({ phase }) => phase.name === 'rejected')
