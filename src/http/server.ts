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
import { serve } from './operator/serve.ts'
import { taskRoutes } from './operator/tasks.ts'
import { limitInstanceRate } from './instance/rate-limit.ts'
import { answerErrors } from './access/refusal.ts'
import { telemetryRoutes } from './instance/telemetry.ts'
import { routes } from './contract/routes.ts'
import type { StatusView } from './contract/status.ts'

export interface ServerDeps extends HookDeps, McpDeps, EventDeps, HealthDeps, BackupDeps {
  readonly log: FastifyBaseLogger
  readonly operatorToken: string
  /** Host names of the operator's surface besides loopback. */
  readonly hosts: readonly string[]
  readonly status: () => StatusView
  /**
   * Routes to the model for instances without a credential; null when instances hold credentials.
   */
  readonly gateway: FastifyPluginAsync | null
}

/** The largest legitimate body is a plan. */
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
  app.register(async (limited) => {
    limited.addHook('onRequest', limitInstanceRate(deps))
    hookRoutes(limited, deps)
    telemetryRoutes(limited, deps)
  })
  if (deps.gateway) app.register(deps.gateway, { prefix: '/gateway' })
}

/** What instances reach: hooks, tools and telemetry, and the gateway if there is one. */
export function instanceSurface(deps: ServerDeps): FastifyInstance {
  const app = newApp(deps.log)
  instanceRoutes(app, deps)
  return app
}

/** What the operator reaches, on loopback; host-native instances use the same address. */
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
  serve(app, routes.rootStatus, () => deps.status())
  serve(app, routes.status, () => deps.status())
  app.register(async (admin) => {
    requireOperator(admin, deps.operatorToken)
    taskRoutes(admin, deps)
    credentialRoutes(admin, deps)
    backupRoutes(admin, deps)
    eventRoutes(admin, deps)
  })
  return app
}
