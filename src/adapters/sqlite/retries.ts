import { z } from 'zod'
import type { StoredDocument } from './stored-document.ts'

/*
 * Version 1 to 2 of the kinds whose phases wait for a command: they got its tries, its deadline and
 * the reason of its last failure. A start issues these commands again, so the deadline is over.
 */

type Step = (document: StoredDocument) => readonly StoredDocument[]

const withPhase = z.looseObject({
  phase: z.looseObject({ name: z.string(), since: z.number() }),
})
type Phase = z.output<typeof withPhase>['phase']

const retryOf = ({ since }: Phase) => ({ tries: 1, until: since, reason: null })

/** Changes the phase of a document that has one. */
const step =
  (change: (phase: Phase) => object): Step =>
  (document) => {
    const value = withPhase.parse(document.value)
    const phase = { ...value.phase, ...change(value.phase) }
    return [{ ...document, version: 2, value: { ...value, phase } }]
  }

const instancePhase = step((phase) => {
  if (phase.name === 'stopping') return retryOf(phase)
  return phase.name === 'quarantined' ? { stop: null } : {}
})

/** An instance that never started had no count of turns without tools. */
export const instanceRetries: Step = (document) => {
  const value = z.looseObject({}).parse(document.value)
  return instancePhase({ ...document, value: { turnsWithoutTools: 0, ...value } })
}

export const runRetries: Step = step((phase) => {
  if (phase.name === 'finishing') return retryOf(phase)
  return phase.name === 'done' ? { isStopped: false, ...retryOf(phase) } : {}
})

export const backupRetries: Step = step((phase) =>
  phase.name === 'forgetting' ? retryOf(phase) : {},
)

/** The default of that version; the next start replaces it by the configuration. */
export const checksTimeout: Step = (document) => {
  const value = z.looseObject({}).parse(document.value)
  return [{ ...document, version: 2, value: { ...value, checksTimeoutMs: 20 * 60_000 } }]
}
