import { z } from 'zod'
import type { Usage } from '../../core/model/ledger.ts'

export interface AnsweredRequest {
  /** The provider's id of the request; without one, an id that is unique within the instance. */
  readonly requestId: string
  readonly usage: Usage
}

/** Claude Code's limit for the records of one export. */
const mostRequests = 512
/**
 * Twice what one request can use (a context of a million tokens, 128,000 of output, at the highest
 * list price): a larger figure is false.
 */
const mostTokens = 2_500_000
const mostMicros = 50_000_000

/**
 * The answered requests in an export of logs (OTLP/HTTP as JSON), each once. Unreadable records are
 * left out, because an instance may send anything.
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

/** A list without its unreadable items. */
const listOf = <Item>(item: z.ZodType<Item>) =>
  z
    .array(z.unknown())
    .catch([])
    .transform((list) =>
      list
        .map((each) => item.safeParse(each))
        .flatMap(({ success, data }) => (success ? [data] : [])),
    )

/** JSON has no 64-bit integers, so an exporter may write them as strings. */
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
  .transform((attributes, context) => {
    const requestId =
      attributes.request_id ??
      recordId(
        attributes['session.id'],
        attributes['event.sequence'],
        attributes['event.timestamp'],
      )
    if (requestId === null) {
      context.addIssue('it has no id')
      return z.NEVER
    }
    const usage: Usage = {
      model: attributes.model,
      inputTokens: attributes.input_tokens,
      outputTokens: attributes.output_tokens,
      cacheReadTokens: attributes.cache_read_tokens,
      cacheCreationTokens: attributes.cache_creation_tokens,
      costMicros: attributes.cost_usd_micros ?? Math.round(attributes.cost_usd * 1e6),
    }
    return { requestId, usage }
  })

/**
 * The id of a record whose request has none from the API. The time is part of it because a resumed
 * session counts its sequence from the start again.
 */
function recordId(
  session: string,
  sequence: number | undefined,
  timestamp: string | undefined,
): string | null {
  return sequence === undefined || timestamp === undefined
    ? null
    : `${session}/${sequence}/${timestamp}`
}
