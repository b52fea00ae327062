import type { FastifyInstance } from 'fastify'
import { routes } from '../contract/routes.ts'
import { serve } from './serve.ts'

export interface HealthDeps {
  readonly version: string
  readonly claudeCodeVersion: string
  /** What keeps the server from its work now, as sentences. */
  readonly troubles: () => readonly string[]
  /** What will keep it from its work unless a human acts, as sentences. */
  readonly warnings: () => readonly string[]
}

/** For supervisors, without a token. Alive: the server answers; ready: it can work. */
export function healthRoutes(
  app: FastifyInstance,
  { version, claudeCodeVersion, troubles, warnings }: HealthDeps,
): void {
  serve(app, routes.alive, () => 'ok\n')
  serve(app, routes.ready, (_request, reply) => {
    const found = troubles()
    reply.code(statusOf(found))
    return found.length === 0 ? 'ok\n' : `${found.join('\n')}\n`
  })
  serve(app, routes.health, (_request, reply) => {
    const found = troubles()
    reply.code(statusOf(found))
    return {
      ok: found.length === 0,
      troubles: found,
      warnings: warnings(),
      version,
      uptimeSeconds: Math.round(process.uptime()),
    }
  })
  serve(app, routes.version, () => ({
    version,
    claudeCode: claudeCodeVersion,
    node: process.version,
  }))
}

const statusOf = (troubles: readonly string[]): number => (troubles.length === 0 ? 200 : 503)
