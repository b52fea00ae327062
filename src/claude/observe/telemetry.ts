import { z } from 'zod'
import type { Usage } from '../../core/model/ledger.ts'

export interface AnsweredRequest {
  /** The provider's name for it; where that is missing, what else is its own within the instance. */
  readonly requestId: string
  readonly usage: Usage
}

/** Claude Code exports at most so many records at once. */
const mostRequests = 512
/** Far more than one request can use; whoever says more does not tell the truth, and sums stay exact. */
const mostTokens = 100_000_000
const mostMicros = 1_000_000_000

/**
 * The answered requests in an export of logs (OTLP/HTTP as JSON), each once. What cannot be read as one is left out: an
 * instance may send anything.
 */
export function readTelemetry(body: unknown): { readonly requests: readonly AnsweredRequest[] } {
  const requests = new Map<string, AnsweredRequest>()
  for (const record of recordsOf(body)) {
    const { data: request } = apiRequest.safeParse(Object.fromEntries(record.attributes))
    if (request && !requests.has(request.requestId)) requests.set(request.requestId, request)
    if (requests.size === mostRequests) break
  }
  return { requests: [...requests.values()] }
}

/** A list in which an unreadable item costs that item alone. */
const listOf = <Item>(item: z.ZodType<Item>) =>
  z
    .array(z.unknown())
    .catch([])
    .transform((list) =>
      list
        .map((each) => item.safeParse(each))
        .flatMap(({ success, data }) => (success ? [data] : [])),
    )

/** JSON has no 64-bit integers, so an exporter may write them as text. */
const whole = (most: number) =>
  z.union([
    z.int().min(0).max(most),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number)
      .pipe(z.int().max(most)),
  ])

const attribute = z
  .object({
    key: z.string(),
    value: z.object({
      stringValue: z.string().optional(),
      intValue: z.union([z.number(), z.string()]).optional(),
      doubleValue: z.number().optional(),
    }),
  })
  .transform(
    ({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.doubleValue] as const,
  )

const record = z.object({ attributes: listOf(attribute) })
const logs = z.object({
  resourceLogs: listOf(z.object({ scopeLogs: listOf(z.object({ logRecords: listOf(record) })) })),
})

const recordsOf = (body: unknown) =>
  logs
    .safeParse(body)
    .data?.resourceLogs.flatMap(({ scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }) => logRecords),
    ) ?? []

const tokens = whole(mostTokens).default(0)

const apiRequest = z
  .object({
    'event.name': z.literal('api_request'),
    model: z
      .string()
      .regex(/^[\w.:@/[\]-]{1,100}$/)
      .catch('unknown'),
    input_tokens: tokens,
    output_tokens: tokens,
    cache_read_tokens: tokens,
    cache_creation_tokens: tokens,
    cost_usd_micros: whole(mostMicros).optional(),
    cost_usd: z
      .number()
      .min(0)
      .max(mostMicros / 1e6)
      .default(0),
    request_id: z.string().min(1).max(200).optional(),
    'session.id': z.string().max(100).default(''),
    'event.sequence': whole(Number.MAX_SAFE_INTEGER).optional(),
    'event.timestamp': z.string().max(40).optional(),
  })
  .transform((said, context) => {
    const requestId =
      said.request_id ??
      ownName(said['session.id'], said['event.sequence'], said['event.timestamp'])
    if (requestId === null) {
      context.addIssue('nothing tells it from another request')
      return z.NEVER
    }
    const usage: Usage = {
      model: said.model,
      inputTokens: said.input_tokens,
      outputTokens: said.output_tokens,
      cacheReadTokens: said.cache_read_tokens,
      cacheCreationTokens: said.cache_creation_tokens,
      costMicros: said.cost_usd_micros ?? Math.round(said.cost_usd * 1e6),
    }
    return { requestId, usage }
  })

/** An API that does not name its requests leaves the record's own name; a resumed session counts from the start again, hence the time. */
function ownName(
  session: string,
  sequence: number | undefined,
  timestamp: string | undefined,
): string | null {
  return sequence === undefined || timestamp === undefined
    ? null
    : `${session}/${sequence}/${timestamp}`
}
