import { z } from 'zod'
import type {
  Credential,
  CredentialPhase,
  Disclosure,
  WindowUsage,
} from '../../../core/model/credential.ts'
import { exactly } from './exactly.ts'
import { count, credentialId, instanceId, instant, phase } from './scalars.ts'

const usageWindow = z.enum(['five-hour', 'weekly', 'unknown'])
const reported = { by: z.exactOptional(instanceId.nullable()) }

const credentialPhase = exactly<CredentialPhase>()(
  z.union([
    phase(['fresh', 'leased', 'missing'], {}),
    phase('cooling', {
      ...reported,
      until: instant,
      window: z.union([usageWindow, z.literal('model')]),
    }),
    phase(['rejected', 'spent', 'disabled'], { ...reported, reason: z.string() }),
  ]),
)

const windowSighting = exactly<WindowUsage>()(
  z.strictObject({
    window: usageWindow,
    usedPercent: z.number(),
    resetsAt: instant.nullable(),
    seenAt: instant,
  }),
)

const disclosure = exactly<Disclosure>()(
  z.strictObject({
    instance: instanceId,
    at: instant,
    cause: z.enum(['first', 'report', 'server', 'person']),
  }),
)

export const credential = exactly<Credential>()(
  z.strictObject({
    id: credentialId,
    kind: z.string(),
    phase: credentialPhase,
    capacity: count,
    leases: z.array(instanceId),
    windows: z.array(windowSighting),
    unnamedLimits: count,
    disclosures: z.array(disclosure),
  }),
)
