import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler } from '@modelcontextprotocol/server'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { LaunchTokens } from '../../engine/commands/launch-tokens.ts'
import { type Identity, bearerOf, identify } from '../access/identity.ts'
import { isNestedDeeper } from './nesting.ts'
import { requireProtocol } from './protocol.ts'
import { refuse } from '../../lib/refuse.ts'
import { limitInstanceRate, toolRateLimit } from './rate-limit.ts'
import type { ToolDeps } from './tool-deps.ts'
import { toolsFor } from './tools.ts'

export interface McpDeps extends ToolDeps {
  readonly tokens: LaunchTokens
}

/** A plan has 6. The library behind the route reads messages by recursion. */
const mostLevels = 100

const call = z.object({ method: z.literal('tools/call') })

/**
 * The answer to the `ping` that the script `mcp` sends after the list of the tools: Claude Code has
 * the list. The request for the list is too early a sign. The list is still on its way then, and a
 * prompt that overtakes it reaches a model without tools (6 of 15 first prompts, with three teams
 * on two cores).
 */
const listArrived = z.object({ id: z.literal('tools-listed'), result: z.object({}) })

const is = (kind: z.ZodType, body: unknown): boolean => kind.safeParse(body).success

/**
 * The tools of instances, over HTTP and without sessions: each request's token names its instance.
 */
export function mcpRoutes(app: FastifyInstance, deps: McpDeps): void {
  const { dispatcher, tokens } = deps
  const handler = createMcpHandler(
    (context) => {
      // The handler below puts it there, after the check.
      const caller = context.authInfo?.extra?.['identity'] as Identity
      const role = dispatcher.state.instances.get(caller.instance)?.role
      if (role === undefined) throw new Error(`there is no instance ${caller.instance}`)
      return toolsFor(role, caller, deps)
    },
    // The list of tools never changes while a client is connected, so there is nothing to subscribe
    // to.
    {
      maxSubscriptions: 0,
      onerror: (error) => app.log.debug({ err: error }, 'a request for tools was refused'),
    },
  )
  const serve = toNodeHandler(handler)
  app.route({
    method: ['GET', 'POST', 'DELETE'],
    url: '/mcp',
    onRequest: limitInstanceRate(deps, toolRateLimit),
    handler: async (request, reply) => {
      const identity = identify(request, tokens, dispatcher.state)
      requireProtocol(request)
      if (isNestedDeeper(request.body, mostLevels))
        throw refuse(400, 'the message is nested too deeply')
      if (is(listArrived, request.body)) dispatcher.dispatch({ type: 'tools-listed', ...identity })
      // Before the tool does its work: the call alone proves that the prompt arrived.
      if (is(call, request.body)) dispatcher.dispatch({ type: 'sign-of-life', ...identity })
      const auth = {
        token: bearerOf(request) ?? '',
        clientId: identity.instance,
        scopes: [],
        extra: { identity },
      }
      reply.hijack()
      await serve(
        Object.assign(request.raw, { auth }) as NodeIncomingMessageLike,
        reply.raw,
        request.body,
      )
    },
  })
}
