import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { blockStop, readHook } from '../../claude/observe/hooks.ts'
import { readStatusLine } from '../../claude/observe/status-line.ts'
import type { Dispatcher, NewEvent } from '../../engine/dispatch/dispatcher.ts'
import type { HandoffMeter } from '../../engine/observe/handoffs.ts'
import type { LaunchTokens } from '../../engine/commands/launch-tokens.ts'
import { type Identity, identify } from '../access/identity.ts'
import { requireProtocol } from './protocol.ts'
import { refuse } from '../../lib/refuse.ts'

export interface HookDeps {
  readonly dispatcher: Dispatcher
  readonly tokens: LaunchTokens
  readonly handoffs: HandoffMeter
}

const launchHeader = z.object({ 'x-launch': z.coerce.number().int().nonnegative() })
const headers = z.object({
  'x-sequence': z.coerce.number().int().positive(),
  'x-replay': z.literal('1').optional(),
})

/**
 * The launch that sent the hook. The outbox survives launches, so the token of a new one may carry
 * hooks of an old one: `X-Launch` says from which the hook is. Throws 409 for an older launch.
 */
function identifyHook(request: FastifyRequest, { tokens, dispatcher }: HookDeps): Identity {
  const identity = identify(request, tokens, dispatcher.state)
  requireProtocol(request)
  const { 'x-launch': launch } = launchHeader.parse(request.headers)
  const { instance, launch: current } = identity
  if (launch === current) return identity
  throw refuse(
    409,
    `the hook is from launch ${launch} of ${instance}, which is at launch ${current}`,
  )
}

/** Claude Code sends its status line after every answer, so a lost one is replaced by the next. */
function takeStatusLine({ dispatcher }: HookDeps, { instance }: Identity, body: unknown): void {
  const credential = dispatcher.state.instances.get(instance)?.credentialInUse ?? null
  if (credential === null) return
  for (const window of readStatusLine(body).windows)
    dispatcher.dispatch({ type: 'window-seen', credential, by: instance, ...window })
}

/**
 * Receives the hooks of instances. The answer is sent after the commit, so an acknowledged hook is
 * never lost. The answer to a Stop hook that still waits carries the next prompt.
 */
export function hookRoutes(app: FastifyInstance, deps: HookDeps): void {
  const { dispatcher, handoffs } = deps
  app.post('/hooks/StatusLine', (request, reply) => {
    takeStatusLine(deps, identifyHook(request, deps), request.body)
    return reply.send({})
  })
  // Only the newest one counts, so the tool stores none and sends no sequence number.
  app.post('/hooks/WorkspaceProgress', (request, reply) => {
    dispatcher.dispatch({ type: 'workspace-progressed', ...identifyHook(request, deps) })
    return reply.send({})
  })
  app.post<{ Params: { event: string } }>('/hooks/:event', async (request, reply) => {
    const identity = identifyHook(request, deps)
    const { 'x-sequence': sequence, 'x-replay': replay } = headers.parse(request.headers)
    const hook = readHook(request.params.event, request.body, Date.now())
    if (hook.type === 'unreadable') throw refuse(400, hook.reason)
    const isAnswerable = replay === undefined
    const event = (
      hook.type === 'turn-ended'
        ? { ...hook, ...identity, sequence, isAnswerable }
        : { ...hook, ...identity, sequence }
    ) as NewEvent
    const { reply: prompt } = await dispatcher.dispatchSoon(event)
    if (prompt === null) return {}
    handoffs.recordAnswer(reply.elapsedTime)
    return blockStop(prompt.text)
  })
}
