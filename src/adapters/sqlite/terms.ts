import { z } from 'zod'
import { withAwaited } from './awaited.ts'
import type { StoredDocument } from './stored-document.ts'

/*
 * Phases and fields got the standard terms of the field: instance 2 to 3, task 1 to 2, run 2 to 3,
 * and the rules became the policy.
 */

type Step = (document: StoredDocument) => readonly StoredDocument[]
type Fields = Readonly<Record<string, unknown>>

const phaseShape = z.looseObject({ name: z.string() })

/** The fields under their new names, at their old places. */
const renamed = (fields: Fields, names: Readonly<Record<string, string>>): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [names[name] ?? name, value]))

const waits: Readonly<Record<string, string>> = {
  pause: 'retrying',
  swap: 'rotating',
  park: 'parked',
}

function instancePhase(phase: z.output<typeof phaseShape>): Fields {
  switch (phase.name) {
    case 'starting':
      return renamed(phase, { wasLookedAt: 'isProbed' })
    case 'working':
      return renamed(phase, { heard: 'lastHeartbeat', looks: 'probes' })
    case 'limited':
      return { ...phase, name: 'rate-limited', wait: waits[String(phase['wait'])] }
    case 'resting':
      return { ...phase, name: 'backing-off' }
    default:
      return phase
  }
}

export const instanceTerms: Step = (document) => {
  const { phase, ...rest } = z.looseObject({ phase: phaseShape }).parse(document.value)
  const value = { ...renamed(rest, { troubles: 'pauses' }), phase: instancePhase(phase) }
  return [{ ...document, version: 3, value: withAwaited(value) }]
}

export const taskTerms: Step = (document) => {
  const { phase, ...rest } = z.looseObject({ phase: phaseShape }).parse(document.value)
  const value = {
    ...renamed(rest, { returns: 'reworkCount' }),
    phase: renamed(phase, { told: 'timesAsked' }),
  }
  return [{ ...document, version: 2, value }]
}

const syncNames = ['lists', 'publish', 'upstream'] as const

export const syncTerms: Step = (document) => {
  const value = z.looseObject({}).parse(document.value)
  const syncs = syncNames.map((name) => {
    const sync = phaseShape.parse(value[name])
    return [name, sync.name === 'owed' ? { ...sync, name: 'outdated' } : sync] as const
  })
  return [{ ...document, version: 3, value: { ...value, ...Object.fromEntries(syncs) } }]
}

export const rulesToPolicy: Step = (document) => [
  { ...document, kind: 'policy', id: 'policy', version: 1 },
]
