import { z } from 'zod'
import type { StoredDocument } from './stored-document.ts'

const runShape = z.looseObject({ phase: z.looseObject({ name: z.string() }) })

/** Run 4 to 5: a run that waits for approval counts how often the Manager was asked for a plan. */
export function approvalRequests(document: StoredDocument): readonly StoredDocument[] {
  const { phase, ...run } = runShape.parse(document.value)
  const asked = phase.name === 'awaiting-approval' ? { asked: 0 } : {}
  return [{ ...document, version: 5, value: { ...run, phase: { ...phase, ...asked } } }]
}
