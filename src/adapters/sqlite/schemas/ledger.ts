import { z } from 'zod'
import type { Ledger, Totals } from '../../../core/model/ledger.ts'
import { exactly } from './exactly.ts'

const totals = exactly<Totals>()(
  z.strictObject({
    requests: z.number(),
    inputTokens: z.number(),
    outputTokens: z.number(),
    cacheReadTokens: z.number(),
    cacheCreationTokens: z.number(),
    costMicros: z.number(),
  }),
)

const shares = z.record(z.string(), totals)

export const ledger = exactly<Ledger>()(
  z.strictObject({
    run: totals,
    tasks: shares,
    instances: shares,
    credentials: shares,
    models: shares,
  }),
)
