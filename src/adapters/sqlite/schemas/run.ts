import { z } from 'zod'
import type { Run, RunPhase, Sync } from '../../../core/model/run.ts'
import { commit, count, instant, phase, retry, runId } from './scalars.ts'

const runPhase: z.ZodType<RunPhase> = z.union([
  phase('planning', { asked: count }),
  phase('awaiting-approval', {}),
  phase('executing', { askedToFinish: count }),
  phase('finishing', { report: z.string(), isWritten: z.boolean(), ...retry }),
  phase('done', { report: z.string(), isStopped: z.boolean(), ...retry }),
  phase('failed', { reason: z.string() }),
])

const sync: z.ZodType<Sync> = z.union([
  phase('current', {}),
  z.strictObject({ name: z.literal('outdated') }),
  phase('running', { tries: count, isStale: z.boolean() }),
  phase('failed', { reason: z.string(), tries: count, until: instant }),
])

export const run: z.ZodType<Run> = z.strictObject({
  id: runId,
  phase: runPhase,
  head: commit,
  planIsComplete: z.boolean(),
  askedForMore: z.boolean(),
  lists: sync,
  publish: sync,
  upstream: sync,
})
