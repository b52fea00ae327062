import { z } from 'zod'
import type { BaseVerdict, CheckFailure } from '../../../core/model/base-verdict.ts'
import type { Line, OriginConflict, OriginRewrite, Sync } from '../../../core/model/line.ts'
import { exactly } from './exactly.ts'
import { commit, count, instant, lineId, phase, repositoryId, taskId } from './scalars.ts'

const sync = exactly<Sync>()(
  z.union([
    phase('current', {}),
    z.strictObject({
      name: z.literal('outdated'),
      failure: z.strictObject({ reason: z.string(), tries: count }).nullable(),
    }),
    phase('running', { tries: count, isStale: z.boolean() }),
    phase('failed', { reason: z.string(), tries: count, until: instant }),
  ]),
)

const originConflict = exactly<OriginConflict>()(
  z.strictObject({
    since: instant,
    task: taskId,
    commit,
    paths: z.array(z.string()),
  }),
)

const originRewrite = exactly<OriginRewrite>()(
  z.strictObject({
    since: instant,
    before: commit,
    after: commit,
    verdict: z.enum(['keep', 'follow']).nullable(),
  }),
)

const failure = exactly<CheckFailure>()(
  z.strictObject({
    commit,
    command: z.string(),
    position: count,
    output: z.string(),
  }),
)

const baseVerdict = exactly<BaseVerdict>()(
  z.union([
    z.strictObject({ name: z.literal('passed'), commit }),
    z.strictObject({
      name: z.literal('failed'),
      since: instant,
      failure,
      times: count,
      isAccepted: z.boolean(),
    }),
  ]),
)

export const line = exactly<Line>()(
  z.strictObject({
    id: lineId,
    repository: repositoryId,
    branch: z.string(),
    head: commit,
    lists: sync,
    publish: sync,
    upstream: sync,
    checks: sync,
    base: baseVerdict.nullable(),
    conflict: originConflict.nullable(),
    rewrite: originRewrite.nullable(),
  }),
)
