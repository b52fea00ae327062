import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  LogController,
} from 'fastify'
import { type BackupDeps, backupRoutes } from './operator/backups.ts'
import { credentialRoutes } from './operator/credentials.ts'
import { type EventDeps, eventRoutes } from './operator/events.ts'
import { rejectForeignOrigins, requireOperator } from './access/origin-check.ts'
import { type HealthDeps, healthRoutes } from './operator/health.ts'
import { type HookDeps, hookRoutes } from './instance/hooks.ts'
import { type McpDeps, mcpRoutes } from './instance/mcp.ts'
import { metricsRoutes } from './operator/metrics.ts'
import { operatorRoutes } from './operator/plan.ts'
import { limitInstanceRate } from './instance/rate-limit.ts'
import { answerErrors } from './access/refusal.ts'
import { telemetryRoutes } from './instance/telemetry.ts'
import type { StatusDocument } from './operator/status.ts'

export interface ServerDeps extends HookDeps, McpDeps, EventDeps, HealthDeps, BackupDeps {
  readonly log: FastifyBaseLogger
  readonly operatorToken: string
  /** Names under which the operator's surface is reached besides loopback. */
  readonly hosts: readonly string[]
  readonly status: () => StatusDocument
  /** The way to the model for instances that hold no credential; null where they hold one. */
  readonly gateway: FastifyPluginAsync | null
}

/** Bodies beyond this are refused: the largest honest one is a plan. */
const bodyLimit = 4 * 1024 * 1024

function newApp(log: FastifyBaseLogger): FastifyInstance {
  const app = fastify({
    loggerInstance: log,
    bodyLimit,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
  })
  answerErrors(app)
  return app
}

function instanceRoutes(app: FastifyInstance, deps: ServerDeps): void {
  mcpRoutes(app, deps)
  app.register(async (paced) => {
    paced.addHook('onRequest', limitInstanceRate(deps))
    hookRoutes(paced, deps)
    telemetryRoutes(paced, deps)
  })
  if (deps.gateway) app.register(deps.gateway, { prefix: '/gateway' })
}

/** What instances reach: their hooks and their tools, nothing else. */
export function instanceSurface(deps: ServerDeps): FastifyInstance {
  const app = newApp(deps.log)
  instanceRoutes(app, deps)
  return app
}

/** What the operator reaches, on loopback; host-native instances are there too. */
export function operatorSurface(deps: ServerDeps): FastifyInstance {
  const app = newApp(deps.log)
  rejectForeignOrigins(app, deps.hosts)
  instanceRoutes(app, deps)
  healthRoutes(app, deps)
  metricsRoutes(app, {
    state: () => deps.dispatcher.state,
    ledger: () => deps.dispatcher.state.ledger,
    handoffs: deps.handoffs,
  })
  app.get('/status', (_request, reply) => reply.send(deps.status()))
  app.get('/api/v1/status', (_request, reply) => reply.send(deps.status()))
  app.register(async (admin) => {
    requireOperator(admin, deps.operatorToken)
    operatorRoutes(admin, deps)
    credentialRoutes(admin, deps)
    backupRoutes(admin, deps)
    eventRoutes(admin, deps)
  })
  return app
}
