import { z } from 'zod'
import { defaultPolicy } from '../core/model/policy.ts'
import { minutes } from './units.ts'

/** The setting `checks`. */
export const checksSchema = z.strictObject({
  commands: z
    .array(z.string().trim().min(1).max(4096))
    .max(50)
    .default([])
    .describe(
      'Shell commands that must pass on the merged tree, in this order, before the branch moves.',
    )
    .meta({ examples: [['npm ci', 'npm test']] }),
  timeoutMinutes: z
    .number()
    .min(1)
    .max(240)
    .default(defaultPolicy.checksTimeoutMs / minutes)
    .describe('Time limit for all the commands together.'),
  network: z
    .enum(['open', 'none'])
    .default('open')
    .describe(
      '`open`: checks reach the network, like instances, so that they can install what they need. ' +
        '`none`: they reach nothing; refused with `"runtime": "process"`, which has no boundary.',
    ),
})
