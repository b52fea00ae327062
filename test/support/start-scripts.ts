import { one, Run, two } from './run.ts'

function lose(run: Run): Run {
  for (const id of [one, two]) run.when({ type: 'instance-lost', cause: 'killed', ...run.from(id) })
  return run
}

/** Starts that wait for others. */
export const startScripts: Readonly<Record<string, () => Run>> = {
  'a worker out of service whose next start waits for others': () => {
    const run = new Run({ startsAtOnce: 1, quarantineFailures: 1 }).allUp().allUp().allUp()
    return lose(run).later(3_600_000)
  },
  'a start that waits for others when the server restarts with a smaller team': () => {
    const run = new Run({ startsAtOnce: 1 })
    return run.start({ ...run.state.policy, workerCount: 1 })
  },
  'starts that wait for others, at the first time and after a pause': () => {
    const run = new Run({ startsAtOnce: 1 }).allUp().allUp().allUp()
    return lose(run).later(60_000)
  },
  'a start that waits for others, and then for a credential': () =>
    new Run({ startsAtOnce: 1 }).when({
      type: 'credentials-changed',
      credentials: [],
      changed: [],
    }),
}
