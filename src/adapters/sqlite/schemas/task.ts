import { z } from 'zod'
import type { Attempt, Returned, Task, TaskPhase } from '../../../core/model/task.ts'
import { exactly } from './exactly.ts'
import { commit, count, instanceId, instant, launch, lineId, phase, taskId } from './scalars.ts'

const attempt = exactly<Attempt>()(
  z.strictObject({
    instance: instanceId,
    launch,
    startedAt: instant,
    endedAt: instant.nullable(),
    hasBrief: z.boolean(),
    outcome: z.enum(['running', 'reported', 'blocked', 'given-up', 'lost', 'cancelled']),
  }),
)

const returned = exactly<Returned>()(
  z.union([
    z.strictObject({
      kind: z.literal('conflict'),
      paths: z.array(z.string()),
      tasks: z.array(taskId),
    }),
    z.strictObject({ kind: z.literal('checks'), output: z.string() }),
    z.strictObject({
      kind: z.literal('protected'),
      paths: z.array(z.string()),
      reason: z.string(),
    }),
    z.strictObject({
      kind: z.literal('rewritten'),
      former: z.string(),
      merge: commit.nullable(),
      paths: z.array(z.string()),
    }),
  ]),
)

const taskPhase = exactly<TaskPhase>()(
  z.union([
    phase('proposed', {}),
    phase('waiting', {}),
    phase('queued', {}),
    phase('assigned', { instance: instanceId }),
    phase('working', { instance: instanceId, reminders: count }),
    phase('reported', { instance: instanceId, commit }),
    phase('merging', { instance: instanceId, commit }),
    phase('merged', { commit }),
    phase(['conflicted', 'rejected'], {}),
    phase('blocked', { question: z.string(), timesAsked: count, until: instant }),
    phase('done', { by: z.enum(['operator', 'worker']), reason: z.string() }),
    phase('cancelled', { by: z.enum(['manager', 'operator', 'server']), reason: z.string() }),
  ]),
)

export const task = exactly<Task>()(
  z.strictObject({
    id: taskId,
    line: lineId,
    title: z.string(),
    body: z.string(),
    dependsOn: z.array(taskId),
    assignee: instanceId,
    phase: taskPhase,
    attempts: z.array(attempt),
    reworkCount: count,
    rounds: count,
    returned: returned.nullable(),
    notes: z.array(z.string()),
    commit: commit.nullable(),
    base: commit.nullable(),
    replaces: z.array(z.string()),
    progress: z.string().nullable(),
    summary: z.string().nullable(),
  }),
)
