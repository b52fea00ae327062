import { z } from 'zod'
import { backupCounts } from './backup.ts'
import { credentialView } from './credential.ts'
import { hostsView } from './host.ts'
import { instanceView } from './instance.ts'
import { lineView } from './line.ts'
import { mergeView } from './merge.ts'
import { runView } from './run.ts'
import { storeView } from './store.ts'
import { taskView } from './task.ts'
import { handoffsView, usageView } from './usage.ts'

/** Which of the tasks to show: at most so many, those that come after one in the plan. */
export const statusQuery = z.strictObject({
  tasks: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'must be a number from 1 to 99999')
    .transform(Number)
    .optional(),
  after: z.string().min(1).max(200).optional(),
})

export type StatusQuery = z.output<typeof statusQuery>

/** The whole state of the run. It contains no secret. */
export const statusView = z.object({
  run: runView,
  lines: z.array(lineView).readonly(),
  runtime: z.string(),
  instances: z.array(instanceView).readonly(),
  /** In the order of the plan; all, unless the query says otherwise. */
  tasks: z.array(taskView).readonly(),
  /** The task to name in `after` for those that follow; null when these are the last. */
  moreTasksAfter: z.string().nullable(),
  merges: z.array(mergeView).readonly(),
  credentials: z.array(credentialView).readonly(),
  backups: backupCounts,
  usage: usageView,
  hosts: hostsView,
  state: storeView,
  handoffs: handoffsView,
  /** The name of the tmux socket, for `tmux -L <socket> attach`. */
  terminals: z.object({ socket: z.string() }),
})

export type StatusView = z.infer<typeof statusView>
