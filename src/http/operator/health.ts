import type { FastifyInstance } from 'fastify'

export interface HealthDeps {
  readonly version: string
  readonly claudeCodeVersion: string
  /** What keeps the server from doing its work now, as sentences; empty when nothing does. */
  readonly troubles: () => readonly string[]
  /** What will, if nobody sees to it. */
  readonly warnings: () => readonly string[]
}

/** For supervisors, without a token: alive means that it answers, ready that it can work. */
export function healthRoutes(
  app: FastifyInstance,
  { version, claudeCodeVersion, troubles, warnings }: HealthDeps,
): void {
  app.get('/livez', (_request, reply) => reply.type('text/plain').send('ok\n'))
  app.get('/readyz', (_request, reply) => {
    const found = troubles()
    return reply
      .code(found.length === 0 ? 200 : 503)
      .type('text/plain')
      .send(found.length === 0 ? 'ok\n' : `${found.join('\n')}\n`)
  })
  app.get('/health', (_request, reply) => {
    const found = troubles()
    return reply.code(found.length === 0 ? 200 : 503).send({
      ok: found.length === 0,
      troubles: found,
      warnings: warnings(),
      version,
      uptimeSeconds: Math.round(process.uptime()),
    })
  })
  app.get('/version', (_request, reply) =>
    reply.send({ version, claudeCode: claudeCodeVersion, node: process.version }),
  )
}
