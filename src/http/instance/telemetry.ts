import type { FastifyInstance } from 'fastify'
import { readTelemetry } from '../../claude/observe/telemetry.ts'
import type { InstanceId } from '../../core/model/ids.ts'
import type { State } from '../../core/model/state.ts'
import type { Dispatcher } from '../../engine/dispatch/dispatcher.ts'
import type { LaunchTokens } from '../../engine/commands/launch-tokens.ts'
import { identify } from '../access/identity.ts'
import { UsageCap } from './usage-cap.ts'

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

interface Exporter {
  /** The ids of the requests that it reported last. */
  readonly known: Set<string>
  readonly cap: UsageCap
}

/**
 * Receives the OpenTelemetry exports of instances (OTLP/HTTP as JSON). Every answered request is
 * counted once, also when an export comes twice, as far as the cap of its instance allows. Behind
 * the gateway, which counts the requests itself, an export is accepted and dropped. So are metrics
 * and traces, so that they are not sent again.
 */
export function telemetryRoutes(
  app: FastifyInstance,
  { dispatcher, tokens }: TelemetryDeps,
  now = () => performance.now(),
): void {
  const exporters = new Map<InstanceId, Exporter>()

  app.post('/otel/v1/logs', { bodyLimit }, (request, reply) => {
    const identity = identify(request, tokens, dispatcher.state)
    const { credentials, budget } = dispatcher.state.policy
    if (credentials === 'gateway') return reply.send({})
    const exporter = exporters.get(identity.instance) ?? {
      known: new Set(),
      cap: new UsageCap(budget, now()),
    }
    exporters.set(identity.instance, exporter)
    let dropped = 0
    for (const { requestId, usage: reported } of readTelemetry(request.body).requests) {
      if (exporter.known.has(requestId)) continue
      const usage = exporter.cap.admit(reported, budget, now())
      if (usage !== reported) dropped += 1
      if (usage === null) continue
      const credential = credentialOf(dispatcher.state, identity.instance)
      // Claude Code tries an export again for a minute at most; a full disk may last longer.
      dispatcher.enqueue({ type: 'usage-counted', ...identity, credential, usage })
      remember(exporter.known, requestId)
    }
    if (dropped > 0)
      request.log.warn(
        { instance: identity.instance, requests: dropped },
        'an instance reports more usage than it can have; the rest is not counted',
      )
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
