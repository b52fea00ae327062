import { z } from 'zod'
import { time } from './time.ts'

/** What happened. The list only grows; what no reader needs to tell apart is `other`. */
export const eventType = z.enum([
  'server-started',
  'instance-started',
  'instance-ready',
  'instance-lost',
  'instance-stopped',
  'instance-moved',
  'instance-outdated',
  'prompt-confirmed',
  'prompt-failed',
  'settings-read',
  'turn-ended',
  'turn-failed',
  'turn-interrupted',
  'plan-submitted',
  'plan-approved',
  'plan-edited',
  'plan-completed',
  'run-finished',
  'task-started',
  'task-reported',
  'task-blocked',
  'task-progressed',
  'task-answered',
  'protected-answered',
  'task-cancelled',
  'merge-checking',
  'merge-landed',
  'merge-conflicted',
  'merge-rejected',
  'merge-held',
  'merge-failed',
  'base-passed',
  'base-failed',
  'base-not-checked',
  'checks-answered',
  'sync-succeeded',
  'sync-failed',
  'backup-saved',
  'backup-skipped',
  'backup-failed',
  'backup-deleted',
  'backup-restored',
  'backup-forgotten',
  'credentials-changed',
  'credential-placed',
  'credential-replaced',
  'credential-not-replaced',
  'credential-refused',
  'credential-disabled',
  'credential-enabled',
  'credential-cooldown-forgotten',
  'credentials-allowed',
  'window-seen',
  'usage-counted',
  'host-refused',
  'host-allowed',
  'host-withdrawn',
  'upload-noticed',
  'upload-accepted',
  'host-reached',
  'command-failed',
  'other',
])

const subjectKind = z.enum(['run', 'instance', 'task', 'credential', 'backup'])

/** Why the model did not answer. */
const modelErrorView = z.object({
  kind: z.enum([
    'quota',
    'model-quota',
    'throttled',
    'overloaded',
    'rejected',
    'spent',
    'unreachable',
    'other',
  ]),
  /** The usage window that is used up; null when no window is. */
  window: z.string().nullable(),
  /** When the window resets; null when the provider did not say. */
  until: time.nullable(),
  /** The error stopped a subagent and not the turn. */
  inSubagent: z.boolean(),
})

/** What the server does to an instance because of the event. */
const actionView = z.object({
  type: z.enum([
    'start-instance',
    'stop-instance',
    'send-prompt',
    'replace-credential',
    'save-work',
  ]),
  instance: z.string(),
  /** Null for `save-work`. */
  launch: z.number().int().nullable(),
  /** For `start-instance` and `replace-credential`; otherwise null. */
  credential: z.string().nullable(),
})

/**
 * One event of the run, in the order in which the server took them. Every field is always there.
 */
export const eventView = z.object({
  /** Rises by one; a reader resumes after it with `Last-Event-ID`. */
  sequence: z.number().int(),
  at: time,
  type: eventType,
  /** What it is about; null for the server itself. The run has no id here. */
  subject: z.object({ kind: subjectKind, id: z.string().nullable() }).nullable(),
  /** One English sentence of at most 2,000 characters, on one line. */
  text: z.string(),
  /** Why the event changed nothing; null when it had its effect. */
  ignored: z.string().nullable(),
  instance: z.string().nullable(),
  launch: z.number().int().nullable(),
  task: z.string().nullable(),
  credential: z.string().nullable(),
  /** The commit that was reported, saved or merged; for a sync the new head. */
  commit: z.string().nullable(),
  modelError: modelErrorView.nullable(),
  actions: z.array(actionView).readonly(),
})

/**
 * The SSE event `gap`: the server does not have the events after `after` and before `resumesAt`.
 */
export const gapView = z.object({ after: z.number().int(), resumesAt: z.number().int() })

export type EventType = z.infer<typeof eventType>
export type SubjectKind = z.infer<typeof subjectKind>
export type ActionView = z.infer<typeof actionView>
export type EventView = z.infer<typeof eventView>
export type GapView = z.infer<typeof gapView>
