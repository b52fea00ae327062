import { z } from 'zod'
import type { ManagerNews } from '../../../core/model/manager-inbox.ts'
import { exactly } from './exactly.ts'
import { taskId } from './scalars.ts'

export const managerNews = exactly<ManagerNews>()(
  z.union([
    z.strictObject({
      type: z.enum(['merged', 'done', 'rejected', 'conflict', 'cancelled']),
      task: taskId,
    }),
    z.strictObject({ type: z.literal('blocked'), task: taskId, question: z.string() }),
    z.strictObject({ type: z.literal('lists-edited'), problems: z.array(z.string()) }),
    z.strictObject({
      type: z.enum([
        'direction-changed',
        'origin-followed',
        'checks-fail',
        'queue-low',
        'interrupted',
        'all-done',
      ]),
    }),
  ]),
)
