import { z } from 'zod'
import type { StoredDocument } from './stored-document.ts'

/*
 * Which instance was given which credential is recorded: credential 2 to 3, instance 4 to 5. The
 * next start records the holders; who held a credential before is not known.
 */

type Step = (document: StoredDocument) => readonly StoredDocument[]

const added =
  (version: number, fields: object): Step =>
  (document) => {
    const value = z.looseObject({}).parse(document.value)
    return [{ ...document, version, value: { ...value, ...fields } }]
  }

export const credentialDisclosures = added(3, { disclosures: [] })
export const instanceCredentialTaken = added(5, { isCredentialTaken: false })
