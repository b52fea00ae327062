import { z } from 'zod'
import type { HeldFor, Merge, MergePhase } from '../../../core/model/merge.ts'
import { exactly } from './exactly.ts'
import { commit, count, instanceId, instant, lineId, phase, taskId } from './scalars.ts'

const heldFor = exactly<HeldFor>()(
  z.union([
    z.strictObject({ kind: z.literal('branch'), position: count }),
    z.strictObject({
      kind: z.literal('answer'),
      work: z.strictObject({
        content: z.string(),
        paths: z.array(z.string()),
        count,
        base: commit,
        candidate: commit,
        origin: commit.nullable(),
      }),
    }),
  ]),
)

const mergePhase = exactly<MergePhase>()(
  z.union([
    phase('queued', {}),
    phase(['trying', 'checking'], { tries: count }),
    phase('held', { reason: z.string(), waitsFor: heldFor }),
    phase('failed', {
      reason: z.string(),
      tries: count,
      until: instant,
      mayHaveLanded: z.boolean(),
    }),
  ]),
)

export const merge = exactly<Merge>()(
  z.strictObject({
    line: lineId,
    task: taskId,
    instance: instanceId,
    commit,
    phase: mergePhase,
    approved: z.string().nullable(),
  }),
)
