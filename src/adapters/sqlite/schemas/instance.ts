import { z } from 'zod'
import type { Instance, InstancePhase, Prompt } from '../../../core/model/instance.ts'
import { roleNames } from '../../../core/model/roles.ts'
import type { Rotation } from '../../../core/model/rotation.ts'
import { exactly } from './exactly.ts'
import {
  count,
  credentialId,
  instanceId,
  instant,
  launch,
  phase,
  retry,
  taskId,
} from './scalars.ts'

const prompt = exactly<Prompt>()(
  z.strictObject({
    id: z.string(),
    purpose: z.enum(['plan', 'news', 'task', 'rework', 'reminder', 'resume', 'hung', 'foreign']),
    text: z.string(),
    way: z.enum(['answered', 'typed', 'typed-fresh']),
  }),
)

const promptTry = { prompt, tries: count, obstacle: z.string().nullable() }

const instancePhase = exactly<InstancePhase>()(
  z.union([
    phase('absent', {}),
    phase('queued', {}),
    phase('starting', {
      hasSession: z.boolean(),
      hasTools: z.boolean(),
      isProbed: z.boolean(),
      lastProgress: instant.nullable(),
    }),
    phase('ready', {}),
    phase('prompted', { ...promptTry, awaits: z.literal('rotation') }),
    phase('prompted', { ...promptTry, awaits: z.enum(['clear', 'arrival']), until: instant }),
    phase('working', {
      prompt,
      lastHeartbeat: instant,
      probes: count,
      busy: z.strictObject({ seen: instant, tool: z.string().nullable() }).nullable(),
    }),
    phase('interrupting', {
      until: instant,
      hang: z.strictObject({ tool: z.string().nullable(), silentSince: instant }),
    }),
    phase('rate-limited', { reason: z.string(), wait: z.literal('rotating') }),
    phase('rate-limited', {
      until: instant,
      reason: z.string(),
      wait: z.enum(['retrying', 'parked']),
    }),
    phase('backing-off', { until: instant, reason: z.string() }),
    phase('quarantined', {
      until: instant,
      reason: z.string(),
      stop: z.strictObject(retry).nullable(),
    }),
    phase('stopping', retry),
    phase('stopped', {}),
  ]),
)

const rotation = exactly<Rotation>()(
  z.strictObject({
    credential: credentialId,
    step: z.enum(['placing', 'reading']),
    since: instant,
    until: instant,
    isOutdated: z.boolean(),
  }),
)

export const instance = exactly<Instance>()(
  z.strictObject({
    id: instanceId,
    role: z.enum(roleNames),
    number: count,
    launch,
    phase: instancePhase,
    task: taskId.nullable(),
    credential: credentialId.nullable(),
    isCredentialTaken: z.boolean(),
    credentialInUse: credentialId.nullable(),
    rotation: rotation.nullable(),
    isCredentialUnproved: z.boolean(),
    turnsWithoutTools: count,
    hungTurns: count,
    outdated: z.string().nullable(),
    failures: z.array(instant),
    pauses: z.array(instant),
    sequence: count,
    prompts: count,
    conversation: z.enum(['none', 'blank', 'used']),
  }),
)
