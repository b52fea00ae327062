import type { FastifyInstance } from 'fastify'
import { readTelemetry } from '../../claude/observe/telemetry.ts'
import type { InstanceId } from '../../core/model/ids.ts'
import type { State } from '../../core/model/state.ts'
import type { Dispatcher } from '../../engine/dispatch/dispatcher.ts'
import type { LaunchTokens } from '../../engine/commands/launch-tokens.ts'
import { identify } from '../access/identity.ts'

export interface TelemetryDeps {
  readonly dispatcher: Dispatcher
  readonly tokens: LaunchTokens
}

/**
 * Claude Code exports at most 512 records at once, of at most 1.4 KB each (2.1.328) while it
 * redacts prompts and answers.
 */
const bodyLimit = 1024 * 1024

/**
 * Ids remembered per instance: two full exports, since a repeated export follows the first within
 * seconds.
 */
const memory = 1_024

/**
 * Receives the OpenTelemetry exports of instances (OTLP/HTTP as JSON). Every answered request is
 * counted once, also when an export comes twice. Metrics and traces are accepted and dropped, so
 * that they are not sent again.
 */
export function telemetryRoutes(app: FastifyInstance, { dispatcher, tokens }: TelemetryDeps): void {
  const counted = new Map<InstanceId, Set<string>>()

  app.post('/otel/v1/logs', { bodyLimit }, (request, reply) => {
    const identity = identify(request, tokens, dispatcher.state)
    const known = counted.get(identity.instance) ?? new Set()
    counted.set(identity.instance, known)
    for (const { requestId, usage } of readTelemetry(request.body).requests) {
      if (known.has(requestId)) continue
      const credential = credentialOf(dispatcher.state, identity.instance)
      // Claude Code tries an export again for a minute at most; a full disk may last longer.
      dispatcher.enqueue({ type: 'usage-counted', ...identity, credential, usage })
      remember(known, requestId)
    }
    return reply.send({})
  })

  for (const signal of ['metrics', 'traces']) {
    app.post(`/otel/v1/${signal}`, { bodyLimit }, (request, reply) => {
      identify(request, tokens, dispatcher.state)
      return reply.send({})
    })
  }
}

/** During a rotation the instance still uses its old credential. */
function credentialOf(state: State, id: InstanceId) {
  const instance = state.instances.get(id)
  return instance?.credentialInUse ?? instance?.credential ?? null
}

function remember(ids: Set<string>, id: string): void {
  ids.add(id)
  const [oldest] = ids
  if (ids.size > memory && oldest !== undefined) ids.delete(oldest)
}
