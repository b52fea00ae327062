import type { Inside } from './inside.ts'
import type { Stage } from './stage.ts'

/**
 * Ends the launch from inside, and returns its number. A last act, which may make further ones
 * impossible, comes first: the launch ends only when it succeeds.
 */
export async function endLaunch(stage: Stage, worker: Inside, lastAct = ':'): Promise<number> {
  const { launch } = await instanceOf(stage, worker)
  // The container ends with Claude Code, and this shell with the container.
  await worker.sh(`${lastAct} && pkill -KILL -x claude`)
  return launch
}

/** Waits until the next launch is at work; returns the reason when it fails. */
export async function backAtWork(
  stage: Stage,
  worker: Inside,
  after: number,
): Promise<string | null> {
  const outcome = await stage.until(`${worker.instance} is back at work`, async () => {
    const { launch, phase, reason } = await instanceOf(stage, worker)
    if (launch <= after) return null
    if (phase === 'resting' || phase === 'quarantined') return reason ?? phase
    return phase === 'working' ? 'back' : null
  })
  return outcome === 'back' ? null : outcome
}

export async function instanceOf(stage: Stage, { instance }: Inside) {
  const { instances } = await stage.status()
  const found = instances.find(({ id }) => id === instance)
  if (found === undefined) throw new Error(`there is no ${instance}`)
  return found
}
