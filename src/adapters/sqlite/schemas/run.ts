import { z } from 'zod'
import type { Notice } from '../../../core/model/notice.ts'
import type { Run, RunPhase } from '../../../core/model/run.ts'
import { exactly } from './exactly.ts'
import { count, instant, lineId, phase, retry, runId } from './scalars.ts'

const runPhase = exactly<RunPhase>()(
  z.union([
    phase('planning', { asked: count }),
    phase('awaiting-approval', { asked: count }),
    phase('executing', {
      askedToFinish: count,
      askedForMore: z.strictObject({ times: count, since: instant }),
    }),
    phase('finishing', { report: z.string(), isWritten: z.boolean(), ...retry }),
    phase('publishing', { report: z.string(), isWritten: z.boolean(), ...retry }),
    phase('done', {
      report: z.string(),
      isWritten: z.boolean(),
      isStopped: z.boolean(),
      isAccepted: z.boolean(),
      ...retry,
    }),
    phase('failed', { reason: z.string() }),
  ]),
)

const notice = exactly<Notice>()(
  z.strictObject({
    at: instant,
    kind: z.enum(['edit', 'direction', 'cancelled', 'rewritten']),
    line: lineId.nullable(),
    text: z.string(),
  }),
)

export const run = exactly<Run>()(
  z.strictObject({
    id: runId,
    phase: runPhase,
    planCompletedBy: z.enum(['manager', 'operator']).nullable(),
    notices: z.array(notice),
  }),
)
