import { z } from 'zod'

/*
 * Part of instance 2 to 3: a rotation and an answer to `/clear` are awaited in the state. Commands
 * waited for them before, and no command survives the restart that reads the document.
 */

type Fields = Readonly<Record<string, unknown>>

const shape = z.looseObject({
  credential: z.string().nullish(),
  credentialInUse: z.string().nullish(),
  phase: z.looseObject({ name: z.string(), since: z.number().optional() }),
})

/** The instance, with what it waits for. */
export function withAwaited(instance: Fields): Fields {
  const { phase, ...rest } = shape.parse(instance)
  if (phase.name === 'prompted')
    return { ...rest, rotation: null, phase: { ...phase, awaits: 'arrival' } }
  const { wait, ...limited } = phase
  if (phase.name !== 'rate-limited' || wait !== 'rotating')
    return { ...rest, rotation: null, phase }
  const { until, ...rotating } = limited
  const credential = rest.credential ?? null
  // It used the leased one already: nothing would end the wait for a rotation.
  if (credential === null || credential === rest.credentialInUse)
    return { ...rest, rotation: null, phase: { ...phase, wait: 'retrying' } }
  const rotation = { credential, step: 'placing', since: phase.since, until, isOutdated: false }
  return { ...rest, rotation, phase: { ...rotating, wait } }
}
