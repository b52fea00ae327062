import { z } from 'zod'
import type { Merge, MergePhase } from '../../../core/model/merge.ts'
import { commit, count, instanceId, instant, lineId, phase, taskId } from './scalars.ts'

const mergePhase: z.ZodType<MergePhase> = z.union([
  phase('queued', {}),
  phase(['trying', 'checking'], { tries: count }),
  phase('failed', {
    reason: z.string(),
    tries: count,
    until: instant,
    mayHaveLanded: z.boolean(),
  }),
])

export const merge: z.ZodType<Merge> = z.strictObject({
  line: lineId,
  task: taskId,
  instance: instanceId,
  commit,
  phase: mergePhase,
})
