import { z } from 'zod'
import type { Usage } from '../core/model/ledger.ts'
import { costMicros } from './prices.ts'

const count = z.number().int().nonnegative().nullish().catch(null)

const counts = z.object({
  input_tokens: count,
  output_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
  cache_creation: z.object({ ephemeral_1h_input_tokens: count }).nullish().catch(null),
})

/** A whole message, or the part of it in `message_start`. */
const messageShape = z.object({ model: z.string().max(200), usage: counts })
const startShape = z.object({ message: messageShape })
const deltaShape = z.object({ usage: counts })

/** Usage of one message. Figures of a stream are cumulative: later ones replace earlier ones. */
export function newTally() {
  let model: string | null = null
  let figures: z.infer<typeof counts> = {}
  const take = (later: z.infer<typeof counts>): void => {
    figures = {
      ...figures,
      ...Object.fromEntries(
        Object.entries(later).filter(([, figure]) => figure !== null && figure !== undefined),
      ),
    }
  }
  const begin = ({ model: named, usage }: z.infer<typeof messageShape>): void => {
    model = named
    take(usage)
  }
  return {
    takeMessage(value: unknown): void {
      const { success, data } = messageShape.safeParse(value)
      if (success) begin(data)
    },
    takeStart(value: unknown): void {
      const { success, data } = startShape.safeParse(value)
      if (success) begin(data.message)
    },
    takeDelta(value: unknown): void {
      const { success, data } = deltaShape.safeParse(value)
      if (success) take(data.usage)
    },
    /** Null before a message begins. A model without a known price costs 0. */
    usage: (): Usage | null => (model === null ? null : toUsage(model, figures)),
  }
}

function toUsage(model: string, figures: z.infer<typeof counts>): Usage {
  const input = figures.input_tokens ?? 0
  const output = figures.output_tokens ?? 0
  const cacheRead = figures.cache_read_input_tokens ?? 0
  const cacheWrite = figures.cache_creation_input_tokens ?? 0
  const cacheWrite1h = Math.min(figures.cache_creation?.ephemeral_1h_input_tokens ?? 0, cacheWrite)
  const tokens = { input, output, cacheRead, cacheWrite1h, cacheWrite5m: cacheWrite - cacheWrite1h }
  return {
    model,
    inputTokens: input,
    outputTokens: output,
    cacheReadTokens: cacheRead,
    cacheCreationTokens: cacheWrite,
    costMicros: costMicros(model, tokens) ?? 0,
  }
}
