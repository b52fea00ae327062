import { z } from 'zod'
import type { StoredDocument } from './stored-document.ts'

const shape = z.looseObject({ rewrite: z.looseObject({ isKept: z.boolean() }).nullish() })

/** Part of line 1 to 2: a person may also answer that the run follows a rewritten origin. */
export function lineVerdict(document: StoredDocument): readonly StoredDocument[] {
  const { rewrite: known, ...line } = shape.parse(document.value)
  if (!known) return [document]
  const { isKept, ...rewrite } = known
  const verdict = isKept ? 'keep' : null
  return [{ ...document, value: { ...line, rewrite: { ...rewrite, verdict } } }]
}
