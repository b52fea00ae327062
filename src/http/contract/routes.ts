import { z } from 'zod'
import { backupList } from './backup.ts'
import { credentialDisabling, credentialList } from './credential.ts'
import { eventView } from './event.ts'
import { hostEntry, uploadAcceptance } from './host.ts'
import { healthView, versionView } from './health.ts'
import { instanceMove } from './instance.ts'
import { publicStatusView } from './public-status.ts'
import { done } from './refusal.ts'
import { checksAnswer, rewriteAnswer } from './line.ts'
import { protectedAnswer } from './merge.ts'
import { sessionOpening, sessionView } from './session.ts'
import { statusQuery, statusView } from './status.ts'
import { taskAnswer, taskCancellation } from './task.ts'

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With parameters as `:name`. */
  readonly path: string
  /** `reader` needs the reader's or the operator's token, `operator` the operator's. */
  readonly role: 'anyone' | 'reader' | 'operator'
  /**
   * `events`: Server-Sent Events, each with `reply` as its data; `text`: plain text; `none`: 204.
   */
  readonly media: 'json' | 'text' | 'events' | 'none'
  readonly body?: z.ZodType
  /** Of a URL's query; absent: it is not read. */
  readonly query?: z.ZodType
  /** Refusals have the schema `refusal` on every route. */
  readonly reply: z.ZodType
  /** What callers on this machine are answered without a token; absent: a refusal. */
  readonly publicReply?: z.ZodType
}

const open = { method: 'GET', role: 'anyone', media: 'json' } as const
const query = { method: 'GET', role: 'reader', media: 'json' } as const
const status = {
  ...query,
  query: statusQuery,
  reply: statusView,
  publicReply: publicStatusView,
} as const
const change = { method: 'POST', role: 'operator', media: 'json', reply: done } as const

const ending = { method: 'DELETE', media: 'none', reply: z.null() } as const

const task = '/api/v1/tasks/:task'
const credential = '/api/v1/credentials/:id'
const backup = '/api/v1/backups/:instance/:task/:number'
const sessions = '/api/v1/sessions'

/** Every route of the operator's surface. */
export const routes = {
  alive: { ...open, path: '/livez', media: 'text', reply: z.string() },
  ready: { ...open, path: '/readyz', media: 'text', reply: z.string() },
  health: { ...open, path: '/health', reply: healthView },
  version: { ...open, path: '/version', reply: versionView },
  metrics: {
    ...query,
    path: '/metrics',
    media: 'text',
    reply: z.string(),
    publicReply: z.string(),
  },
  rootStatus: { ...status, path: '/status' },
  status: { ...status, path: '/api/v1/status' },
  events: { ...query, path: '/api/v1/events', media: 'events', reply: eventView },
  acceptRun: { ...change, path: '/api/v1/run/accept' },
  answerRewrite: { ...change, path: '/api/v1/lines/:line/rewrite', body: rewriteAnswer },
  answerChecks: { ...change, path: '/api/v1/lines/:line/checks', body: checksAnswer },
  approvePlan: { ...change, path: '/api/v1/plan/approve' },
  completePlan: { ...change, path: '/api/v1/plan/complete' },
  answerTask: { ...change, path: `${task}/answer`, body: taskAnswer },
  protectedChanges: { ...query, path: `${task}/protected`, media: 'text', reply: z.string() },
  answerProtected: { ...change, path: `${task}/protected`, body: protectedAnswer },
  cancelTask: { ...change, path: `${task}/cancel`, body: taskCancellation },
  allowHost: { ...change, path: '/api/v1/hosts/allow', body: hostEntry },
  withdrawHost: { ...change, path: '/api/v1/hosts/withdraw', body: hostEntry },
  acceptUpload: { ...change, path: '/api/v1/instances/:id/accept-upload', body: uploadAcceptance },
  moveInstance: { ...change, path: '/api/v1/instances/:id/move', body: instanceMove },
  allowCredentials: { ...change, path: '/api/v1/instances/:id/allow-credentials' },
  credentials: { ...query, path: '/api/v1/credentials', reply: credentialList },
  disableCredential: { ...change, path: `${credential}/disable`, body: credentialDisabling },
  enableCredential: { ...change, path: `${credential}/enable` },
  forgetCooldown: { ...change, path: `${credential}/forget-cooldown` },
  backups: { ...query, path: '/api/v1/backups', reply: backupList },
  deleteBackup: { ...change, method: 'DELETE', path: backup },
  restoreBackup: { ...change, path: `${backup}/restore` },
  openSession: {
    ...{ method: 'POST', role: 'anyone', media: 'json' },
    ...{ path: sessions, body: sessionOpening, reply: sessionView },
  },
  session: { ...query, path: `${sessions}/current`, reply: sessionView },
  endSession: { ...ending, role: 'reader', path: `${sessions}/current` },
  endSessions: { ...ending, role: 'operator', path: sessions },
} as const satisfies Record<string, Route>
