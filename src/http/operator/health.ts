import type { FastifyInstance, FastifyReply } from 'fastify'
import { type Access, roleOf } from '../access/caller.ts'
import { routes } from '../contract/routes.ts'
import { serve } from './serve.ts'

export interface HealthDeps {
  readonly version: string
  readonly claudeCodeVersion: string
  /** What keeps the server from its work now. */
  readonly troubles: () => readonly HealthProblem[]
  /** What will keep it from its work unless a human acts. */
  readonly warnings: () => readonly HealthProblem[]
}

/** A sentence for people, with its remedy. */
export interface HealthProblem {
  /** With paths and what other programs said; needs a token. */
  readonly text: string
  /** The same for every user of this machine. */
  readonly publicText: string
}

/** For supervisors, without a token. Alive: the server answers; ready: it can work. */
export function healthRoutes(
  app: FastifyInstance,
  { version, claudeCodeVersion, troubles, warnings }: HealthDeps,
  access: Access,
): void {
  const textsOf = (
    problems: readonly HealthProblem[],
    { request }: FastifyReply,
  ): readonly string[] => {
    const isKnown = roleOf(request, access) !== null
    return problems.map(({ text, publicText }) => (isKnown ? text : publicText))
  }
  serve(app, routes.alive, () => 'ok\n')
  serve(app, routes.ready, (_request, reply) => {
    const found = textsOf(troubles(), reply)
    reply.code(statusOf(found))
    return found.length === 0 ? 'ok\n' : `${found.join('\n')}\n`
  })
  serve(app, routes.health, (_request, reply) => {
    const found = textsOf(troubles(), reply)
    reply.code(statusOf(found))
    return {
      ok: found.length === 0,
      troubles: found,
      warnings: textsOf(warnings(), reply),
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
