import { z } from 'zod'
import type { StoredDocument } from './stored-document.ts'

const outdated = z.looseObject({ name: z.literal('outdated') })

/** A sync that is held remembers its last failure: line 2 to 3. Before, it was forgotten. */
export function lineFailures(document: StoredDocument): readonly StoredDocument[] {
  const fields = Object.entries(z.looseObject({}).parse(document.value))
  const value = fields.map(([name, field]) => {
    const { data } = outdated.safeParse(field)
    return [name, data === undefined ? field : { ...data, failure: null }] as const
  })
  return [{ ...document, version: 3, value: Object.fromEntries(value) }]
}
