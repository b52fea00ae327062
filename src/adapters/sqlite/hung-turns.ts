import { z } from 'zod'
import type { StoredDocument } from './stored-document.ts'

/*
 * Turns that hang are interrupted: instance 3 to 4, policy 1 to 2. Before, no probe recorded that
 * it saw an instance at work. The same version of an instance says whether it is to be replaced
 * because it runs on an older image or older tools; each full pass finds that. And when a starting
 * one last reported the progress of its workspace, which no tools did.
 */

type Step = (document: StoredDocument) => readonly StoredDocument[]

const instanceShape = z.looseObject({ phase: z.looseObject({ name: z.string() }) })

export const instanceHungTurns: Step = (document) => {
  const { phase, ...rest } = instanceShape.parse(document.value)
  const added = {
    ...(phase.name === 'working' ? { busy: null } : {}),
    ...(phase.name === 'starting' ? { lastProgress: null } : {}),
  }
  const value = { ...rest, hungTurns: 0, outdated: null, phase: { ...phase, ...added } }
  return [{ ...document, version: 4, value }]
}

/** The default of that version; the next start replaces it by the configuration. */
export const policyBusy: Step = (document) => {
  const value = z.looseObject({}).parse(document.value)
  return [{ ...document, version: 2, value: { ...value, busyMs: 120 * 60_000 } }]
}
