import { z } from 'zod'
import { withModelError } from './retired-fields.ts'

const text = z.string().nullable().catch(null)
const count = z.number().nullable().catch(null)
/** Milliseconds since the epoch that a Date can hold. */
const instant = z.number().min(0).max(8.64e15)
const list = z.array(z.unknown()).catch([])

const kinds = [
  'quota',
  'model-quota',
  'throttled',
  'overloaded',
  'rejected',
  'spent',
  'unreachable',
  'other',
] as const

const modelError = z.object({
  kind: z.enum(kinds).catch('other'),
  window: text,
  until: instant.nullable().catch(null),
})

/**
 * An event as the journal holds it, reduced to what a view may show: no prompt, answer, task body,
 * message of the model or report. Another version of the server may have written it, so a field
 * that is missing or has another type reads as null.
 */
export const eventRecord = z.preprocess(
  withModelError,
  z.object({
    type: z.string().catch('unknown'),
    at: instant.catch(0),
    instance: text,
    launch: count,
    task: text,
    credential: text,
    backup: text,
    commit: text,
    head: text,
    /** One of them says why. */
    reason: text,
    cause: text,
    obstacle: text,
    tool: text,
    question: text,
    note: text,
    answer: text,
    summary: text,
    by: text,
    command: text,
    window: text,
    host: text,
    sentBytes: count,
    receivedBytes: count,
    usedPercent: count,
    paths: z.array(z.string()).catch([]),
    tasks: list,
    edits: list,
    modelError: modelError.nullable().catch(null),
    inSubagent: z.boolean().catch(false),
  }),
)

export type EventRecord = z.infer<typeof eventRecord>

/** `: <text>`, or nothing when the record does not say. */
export const because = (reason: string | null): string =>
  reason === null || reason.trim() === '' ? '' : `: ${reason.trim()}`
