import { z } from 'zod'
import type { Line, OriginConflict, OriginRewrite, Sync } from '../../../core/model/line.ts'
import { commit, count, instant, lineId, phase, repositoryId, taskId } from './scalars.ts'

const sync: z.ZodType<Sync> = z.union([
  phase('current', {}),
  z.strictObject({ name: z.literal('outdated') }),
  phase('running', { tries: count, isStale: z.boolean() }),
  phase('failed', { reason: z.string(), tries: count, until: instant }),
])

const originConflict: z.ZodType<OriginConflict> = z.strictObject({
  since: instant,
  task: taskId,
  commit,
  paths: z.array(z.string()),
})

const originRewrite: z.ZodType<OriginRewrite> = z.strictObject({
  since: instant,
  before: commit,
  after: commit,
  isKept: z.boolean(),
})

export const line: z.ZodType<Line> = z.strictObject({
  id: lineId,
  repository: repositoryId,
  branch: z.string(),
  head: commit,
  lists: sync,
  publish: sync,
  upstream: sync,
  conflict: originConflict.nullable(),
  rewrite: originRewrite.nullable(),
})
