import { z } from 'zod'
import type { Hosts } from '../../../core/model/hosts.ts'
import { exactly } from './exactly.ts'
import { instant, instanceId } from './scalars.ts'

export const hosts = exactly<Hosts>()(
  z.strictObject({
    allowed: z.array(z.string()),
    refused: z.array(z.strictObject({ host: z.string(), by: instanceId, at: instant })),
    uploads: z.array(
      z.strictObject({
        host: z.string(),
        by: instanceId,
        bytes: z.number(),
        at: instant,
        isAccepted: z.boolean(),
      }),
    ),
  }),
)
