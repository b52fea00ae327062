import { rename } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Act } from '../runner/act.ts'
import { readPublication } from '../runner/publication.ts'
import type { Status } from '../runner/status.ts'
import { finding } from '../runner/verify.ts'

/** Longer than two tries to push, so that the run has the chance to end too early. */
const stillAwayMs = 10_000

/** The origin is away when the last task is merged, and comes back when the run waits for it. */
export const hideOrigin: Act = async ({ setup, task, release, say, status, until, signal }) => {
  const { origin } = setup
  await rename(origin, `${origin}.away`)
  say('The origin is away.')
  let waiting: Status
  let isEarly: boolean
  try {
    release()
    await until(`${task.id} is merged`, ({ tasks }) =>
      tasks.some(({ id, phase }) => id === task.id && phase === 'merged'),
    )
    waiting = await until('the run waits for its origin without its team', isWithoutTeam)
    await delay(stillAwayMs, undefined, { signal })
    waiting = isWithoutTeam(status()) ? waiting : status()
    isEarly = (await readPublication({ ...setup, origin: `${origin}.away` })).published
  } finally {
    await rename(`${origin}.away`, origin)
  }
  say('The origin is back.')
  const { run } = waiting
  const judge = async () => [
    finding('a run without its origin waits, its team stopped and its credentials free', [
      ...(isWithoutTeam(waiting) ? [] : [describe(waiting)]),
      ...(run.needs?.includes('/run/accept') ? [] : [`it needs ${run.needs ?? 'nothing'}`]),
    ]),
    finding('the origin lacked work while it was away', isEarly ? ['it had everything'] : []),
  ]
  return { judge }
}

const isWithoutTeam = ({ run, instances, credentials }: Status): boolean =>
  run.phase === 'publishing' &&
  instances.every(({ phase }) => phase === 'stopped') &&
  credentials.every(({ phase }) => phase !== 'leased')

const describe = ({ run, instances, credentials }: Status): string =>
  [
    `the run is ${run.phase}`,
    ...instances.map(({ id, phase }) => `${id} ${phase}`),
    ...credentials.map(({ id, phase }) => `${id} ${phase}`),
  ].join(', ')
