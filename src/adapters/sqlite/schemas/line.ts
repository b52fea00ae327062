import { z } from 'zod'
import type { Line, Sync } from '../../../core/model/line.ts'
import { commit, count, instant, lineId, phase, repositoryId } from './scalars.ts'

const sync: z.ZodType<Sync> = z.union([
  phase('current', {}),
  z.strictObject({ name: z.literal('outdated') }),
  phase('running', { tries: count, isStale: z.boolean() }),
  phase('failed', { reason: z.string(), tries: count, until: instant }),
])

export const line: z.ZodType<Line> = z.strictObject({
  id: lineId,
  repository: repositoryId,
  branch: z.string(),
  head: commit,
  lists: sync,
  publish: sync,
  upstream: sync,
})
