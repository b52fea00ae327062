import { z } from 'zod'
import type { StoredDocument } from './stored-document.ts'

/*
 * The checks of a branch without the work of a task: line 1 to 2, policy 1 to 2. The same version
 * counts the answers of the Manager about a task that was returned too often: task 3 to 4.
 */

type Step = (document: StoredDocument) => readonly StoredDocument[]

const fields = z.looseObject({})

/** The next start runs the checks. */
export const lineChecks: Step = (document) => {
  const value = fields.parse(document.value)
  const checks = { name: 'current', since: 0 }
  return [{ ...document, version: 2, value: { ...value, checks, base: null } }]
}

/** The next start replaces it by the configuration. */
export const policyChecks: Step = (document) => {
  const value = fields.parse(document.value)
  return [{ ...document, version: 2, value: { ...value, checks: [], rounds: 3 } }]
}

export const taskRounds: Step = (document) => {
  const value = fields.parse(document.value)
  return [{ ...document, version: 4, value: { ...value, rounds: 0 } }]
}
