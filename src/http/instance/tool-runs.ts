import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { refuse } from '../../lib/refuse.ts'
import type { Carriers } from '../../ports/carriers.ts'
import { identify } from '../access/identity.ts'
import type { HookDeps } from './hooks.ts'
import { requireProtocol } from './protocol.ts'

export interface ToolRunDeps extends Pick<HookDeps, 'tokens' | 'dispatcher'> {
  /** Null where scripts do the work of carriers. */
  readonly carriers: Carriers | null
}

const name = z.string().max(64)
const question = z.object({ carrier: name, running: z.array(name).max(16) })
/** A carrier keeps a quarter of it. */
const largestOutput = 1024 * 1024
const text = z.string().max(largestOutput)
const outcome = z.object({ exitCode: z.int(), stdout: text, stderr: text })

/**
 * Where carriers ask what they are to run in their workspace, and bring what came of it. An
 * instance may answer anything here: it is as much trusted as its workspace is.
 */
export function toolRunRoutes(app: FastifyInstance, deps: ToolRunDeps): void {
  const { carriers, tokens, dispatcher } = deps
  if (carriers === null) return
  app.post('/tool-runs/next', async (request, reply) => {
    const { instance } = identify(request, tokens, dispatcher.state)
    requireProtocol(request)
    const gone = new AbortController()
    reply.raw.on('close', () => gone.abort())
    const asking = { ...question.parse(request.body), instance }
    return (await carriers.next(asking, gone.signal)) ?? reply.code(204).send()
  })
  app.post<{ Params: { id: string } }>('/tool-runs/:id', (request, reply) => {
    const { instance } = identify(request, tokens, dispatcher.state)
    requireProtocol(request)
    if (!carriers.finish(instance, request.params.id, outcome.parse(request.body)))
      throw refuse(404, `nothing waits for the outcome of run ${request.params.id}`)
    return reply.send({})
  })
}
