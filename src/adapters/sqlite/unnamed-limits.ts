import { z } from 'zod'
import type { StoredDocument } from './stored-document.ts'

/** Credential 1 to 2: limits without a name are counted. Until then each of them was the first. */
export const unnamedLimits = (document: StoredDocument): readonly StoredDocument[] => {
  const value = z.looseObject({}).parse(document.value)
  return [{ ...document, version: 2, value: { ...value, unnamedLimits: 0 } }]
}
