import { z } from 'zod'
import type { StoredDocument } from './stored-document.ts'

/*
 * A run got lines: run 3 to 4, task 2 to 3, merges 1 to 2. Until then it had one repository and one
 * target branch, whose head and syncs were fields of the run. The same version counts the requests
 * for more tasks in the phase `executing`, and says who declared the plan complete and who
 * cancelled a task.
 */

type Step = (document: StoredDocument) => readonly StoredDocument[]
type Fields = Readonly<Record<string, unknown>>

const only = 'main'
const fields = z.looseObject({})
const phaseShape = z.looseObject({ name: z.string() })

/** The branch is not stored in a run of that version; the next start sets it. */
export const runToLine: Step = (document) => {
  const { head, lists, publish, upstream, ...old } = fields.parse(document.value)
  const run = withEnding(withRequests(old))
  const syncs = { lists, publish, upstream }
  const untouched = { conflict: null, rewrite: null }
  const line = { id: only, repository: only, branch: '', head, ...syncs, ...untouched }
  return [
    { ...document, version: 4, value: run },
    { kind: 'line', id: only, position: 0, version: 1, value: line },
  ]
}

const taskShape = z.looseObject({
  attempts: z.array(fields),
  phase: z.looseObject({ name: z.string() }),
})

/**
 * Every attempt counts as briefed, so that no report of a worker that goes on is refused. Where the
 * work began was not recorded, nor which paths it may take back.
 */
export const taskLine: Step = (document) => {
  const { attempts, phase, ...task } = taskShape.parse(document.value)
  const briefed = attempts.map((attempt) => ({ ...attempt, hasBrief: true }))
  // Who cancelled a task was not stored: the Manager may plan it again.
  const by = phase.name === 'cancelled' ? { by: 'manager' } : {}
  const value = {
    ...task,
    attempts: briefed,
    phase: { ...phase, ...by },
    line: only,
    base: null,
    replaces: [],
  }
  return [{ ...document, version: 3, value }]
}

/** A run that had asked for more tasks has asked once, long ago. */
function withRequests({ planIsComplete, askedForMore, phase, ...run }: Fields): Fields {
  const { name, ...rest } = fields.parse(phase)
  const requests = { times: askedForMore === true ? 1 : 0, since: 0 }
  return {
    ...run,
    phase: { name, ...rest, ...(name === 'executing' ? { askedForMore: requests } : {}) },
    planCompletedBy: planIsComplete === true ? 'manager' : null,
    notices: [],
  }
}

/** Until then a run was done also when its origin had refused the work. */
function withEnding({ phase, ...run }: Fields): Fields {
  const known = phaseShape.parse(phase)
  const ended = known.name === 'done' ? { isWritten: true, isAccepted: false } : {}
  return { ...run, phase: { ...known, ...ended } }
}

export const mergeLines: Step = (document) => {
  const merges = z.array(fields).parse(document.value)
  return [{ ...document, version: 2, value: merges.map((merge) => ({ ...merge, line: only })) }]
}
