import { z } from 'zod'
import type { StoredDocument } from './stored-document.ts'

/*
 * Work that changes protected paths waits for a person: merges 2 to 3. A person may return it: task
 * 4 to 5, which has no other fields, but a reason for a return that an older server cannot read.
 */

type Step = (document: StoredDocument) => readonly StoredDocument[]

const merges = z.array(z.looseObject({ phase: z.looseObject({ name: z.string() }) }))

/** Until then a merge was held only for its branch. */
export const mergeApprovals: Step = (document) => {
  const value = merges.parse(document.value).map(({ phase, ...merge }) => {
    if (phase.name !== 'held') return { ...merge, phase, approved: null }
    const { position, ...held } = phase
    return { ...merge, phase: { ...held, waitsFor: { kind: 'branch', position } }, approved: null }
  })
  return [{ ...document, version: 3, value }]
}

export const taskReturns: Step = (document) => [{ ...document, version: 5 }]
