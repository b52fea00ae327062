import { z } from 'zod'
import { lineView } from './line.ts'
import { time } from './time.ts'

export const runView = z.object({
  id: z.string(),
  phase: z.enum([
    'planning',
    'awaiting-approval',
    'executing',
    'finishing',
    'publishing',
    'done',
    'failed',
  ]),
  since: time,
  reason: z.string().nullable(),
  /** The head and the syncs of the lead line, the first one of `lines`. */
  ...lineView.pick({ head: true, lists: true, publish: true, upstream: true }).shape,
  /** The Manager's final report. */
  report: z.string().nullable(),
  /**
   * Oldest first: what people should know of their edits, and the Manager has not acted on yet; and
   * with kind `check`, a running check that has printed nothing for a minute.
   */
  notices: z
    .array(
      z.object({
        at: time,
        kind: z.enum(['edit', 'direction', 'cancelled', 'rewritten', 'check']),
        text: z.string(),
      }),
    )
    .readonly(),
  /** What a human must do; null when nothing. */
  needs: z.string().nullable(),
})

export type RunView = z.infer<typeof runView>
