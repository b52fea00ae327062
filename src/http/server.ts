import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  LogController,
} from 'fastify'
import { type BackupDeps, backupRoutes } from './operator/backups.ts'
import { type CredentialDeps, credentialRoutes } from './operator/credentials.ts'
import { type EventDeps, eventRoutes } from './operator/events.ts'
import { rejectForeignOrigins, rejectPages } from './access/origin-check.ts'
import { ownNames, type OwnNames } from './access/own-addresses.ts'
import { type Access, permissionOf } from './access/caller.ts'
import { requireRoles } from './access/roles.ts'
import { type HealthDeps, healthRoutes } from './operator/health.ts'
import { type HostDeps, hostRoutes } from './operator/hosts.ts'
import { type HookDeps, hookRoutes } from './instance/hooks.ts'
import { type McpDeps, mcpRoutes } from './instance/mcp.ts'
import { type MetricsDeps, metricsRoutes } from './operator/metrics.ts'
import { boundParts } from './access/bound-parts.ts'
import { capConnections, type ConnectionCap } from './access/connection-cap.ts'
import { requireOwnSocket } from './access/socket-launch.ts'
import { type SessionDeps, sessionRoutes } from './operator/sessions.ts'
import { type StatusDeps, statusRoutes } from './operator/status.ts'
import { type TaskDeps, taskRoutes } from './operator/tasks.ts'
import { limitInstanceRate } from './instance/rate-limit.ts'
import { answerPlainly } from './access/plain-answers.ts'
import { answerErrors } from './access/refusal.ts'
import { type ToolRunDeps, toolRunRoutes } from './instance/tool-runs.ts'
import { telemetryRoutes } from './instance/telemetry.ts'

export interface ServerDeps
  extends HookDeps,
    McpDeps,
    ToolRunDeps,
    EventDeps,
    HealthDeps,
    TaskDeps,
    BackupDeps,
    HostDeps,
    CredentialDeps,
    StatusDeps,
    Access,
    Pick<SessionDeps, 'now'>,
    Pick<MetricsDeps, 'runningChecks'> {
  readonly log: FastifyBaseLogger
  /**
   * Routes to the model for instances without a credential; null when instances hold credentials.
   */
  readonly gateway: FastifyPluginAsync | null
  /** Routes to packages for containers without a network; null where they have one. */
  readonly packages: FastifyPluginAsync | null
  /** Milliseconds in which a request must arrive; 30 s by default. */
  readonly arrivalLimitMs?: number
  /** Connections to each surface. */
  readonly connections?: ConnectionCap
}

/** Names and values of all headers of a request; those of Claude Code have about 1 KiB. */
const mostHeaderBytes = 16 * 1024

/** The largest legitimate body is a plan. */
const bodyLimit = 4 * 1024 * 1024

/**
 * Milliseconds in which a whole request must arrive; a slow one would hold memory and a connection.
 * It travels within this machine.
 */
export const arrivalLimit = 30_000

function newApp({ log, arrivalLimitMs = arrivalLimit, connections }: ServerDeps): FastifyInstance {
  const app = fastify({
    loggerInstance: log,
    bodyLimit,
    requestTimeout: arrivalLimitMs,
    http: {
      requestTimeout: arrivalLimitMs,
      headersTimeout: arrivalLimitMs,
      maxHeaderSize: mostHeaderBytes,
      connectionsCheckingInterval: Math.min(2_000, arrivalLimitMs),
    },
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
  })
  answerErrors(app)
  boundParts(app)
  capConnections(app, connections)
  return app
}

function instanceRoutes(app: FastifyInstance, deps: ServerDeps): void {
  mcpRoutes(app, deps)
  app.register(async (limited) => {
    limited.addHook('onRequest', limitInstanceRate(deps))
    hookRoutes(limited, deps)
    toolRunRoutes(limited, deps)
    telemetryRoutes(limited, deps)
  })
  if (deps.gateway) app.register(deps.gateway, { prefix: '/gateway' })
}

/** What instances reach: hooks, tools and telemetry, and the gateway if there is one. */
export function instanceSurface(deps: ServerDeps): FastifyInstance {
  const app = newApp(deps)
  rejectPages(app)
  requireOwnSocket(app, deps.tokens)
  instanceRoutes(app, deps)
  packageRoutes(app, deps)
  return app
}

/** What checks reach: nothing of the run. */
export function checkSurface(deps: ServerDeps): FastifyInstance {
  const app = newApp(deps)
  rejectPages(app)
  packageRoutes(app, deps)
  return app
}

/** `docker/tools/npmrc` has the address. */
function packageRoutes(app: FastifyInstance, { packages }: ServerDeps): void {
  if (packages !== null) app.register(packages, { prefix: '/registry/npm' })
}

/** What people reach, on loopback; host-native instances use the same address. */
export function operatorSurface(deps: ServerDeps): FastifyInstance {
  const app = newApp(deps)
  let names: OwnNames | null = null
  rejectForeignOrigins(app, () => (names ??= ownNames(deps.address())))
  instanceRoutes(app, deps)
  app.register(async (people) => {
    requireRoles(people, deps)
    answerPlainly(people)
    operatorRoutes(people, deps)
  })
  return app
}

function operatorRoutes(app: FastifyInstance, deps: ServerDeps): void {
  healthRoutes(app, deps, deps)
  metricsRoutes(
    app,
    {
      state: () => deps.dispatcher.state,
      ledger: () => deps.dispatcher.state.ledger,
      handoffs: deps.handoffs,
      runningChecks: deps.runningChecks,
    },
    deps,
  )
  statusRoutes(app, deps, deps)
  taskRoutes(app, deps)
  credentialRoutes(app, deps)
  hostRoutes(app, deps)
  backupRoutes(app, deps)
  eventRoutes(app, deps, (request) => permissionOf(request, deps))
  sessionRoutes(app, deps, deps)
}
