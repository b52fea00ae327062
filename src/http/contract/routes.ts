import { z } from 'zod'
import { backupList } from './backup.ts'
import { credentialDisabling, credentialList } from './credential.ts'
import { eventView } from './event.ts'
import { healthView, versionView } from './health.ts'
import { instanceMove } from './instance.ts'
import { done } from './refusal.ts'
import { rewriteAnswer } from './line.ts'
import { statusView } from './status.ts'
import { taskAnswer, taskCancellation } from './task.ts'

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With parameters as `:name`. */
  readonly path: string
  /** `operator` needs the operator's token. */
  readonly role: 'anyone' | 'operator'
  /** `events`: Server-Sent Events, each with `reply` as its data; `text`: plain text. */
  readonly media: 'json' | 'text' | 'events'
  readonly body?: z.ZodType
  /** Refusals have the schema `refusal` on every route. */
  readonly reply: z.ZodType
}

const open = { method: 'GET', role: 'anyone', media: 'json' } as const
const query = { method: 'GET', role: 'operator', media: 'json' } as const
const change = { method: 'POST', role: 'operator', media: 'json', reply: done } as const

const task = '/api/v1/tasks/:task'
const credential = '/api/v1/credentials/:id'
const backup = '/api/v1/backups/:instance/:task/:number'

/** Every route of the operator's surface. */
export const routes = {
  alive: { ...open, path: '/livez', media: 'text', reply: z.string() },
  ready: { ...open, path: '/readyz', media: 'text', reply: z.string() },
  health: { ...open, path: '/health', reply: healthView },
  version: { ...open, path: '/version', reply: versionView },
  metrics: { ...open, path: '/metrics', media: 'text', reply: z.string() },
  rootStatus: { ...open, path: '/status', reply: statusView },
  status: { ...open, path: '/api/v1/status', reply: statusView },
  events: { ...query, path: '/api/v1/events', media: 'events', reply: eventView },
  acceptRun: { ...change, path: '/api/v1/run/accept' },
  answerRewrite: { ...change, path: '/api/v1/lines/:line/rewrite', body: rewriteAnswer },
  approvePlan: { ...change, path: '/api/v1/plan/approve' },
  completePlan: { ...change, path: '/api/v1/plan/complete' },
  answerTask: { ...change, path: `${task}/answer`, body: taskAnswer },
  cancelTask: { ...change, path: `${task}/cancel`, body: taskCancellation },
  moveInstance: { ...change, path: '/api/v1/instances/:id/move', body: instanceMove },
  credentials: { ...query, path: '/api/v1/credentials', reply: credentialList },
  disableCredential: { ...change, path: `${credential}/disable`, body: credentialDisabling },
  enableCredential: { ...change, path: `${credential}/enable` },
  forgetCooldown: { ...change, path: `${credential}/forget-cooldown` },
  backups: { ...query, path: '/api/v1/backups', reply: backupList },
  deleteBackup: { ...change, method: 'DELETE', path: backup },
  restoreBackup: { ...change, path: `${backup}/restore` },
} as const satisfies Record<string, Route>
