import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler } from '@modelcontextprotocol/server'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { LaunchTokens } from '../../engine/commands/launch-tokens.ts'
import { type Identity, bearerOf, identify } from '../access/identity.ts'
import { limitInstanceRate, toolRateLimit } from './rate-limit.ts'
import { type ToolDeps, toolsFor } from './tools.ts'

export interface McpDeps extends ToolDeps {
  readonly tokens: LaunchTokens
}

const call = z.object({ method: z.literal('tools/call') })

/**
 * The answer to what the carrier of the tools asks behind their list. Not the list itself: it is still on its way when it has been asked
 * for, and a prompt that overtakes it reaches a model without tools (6 of 15 first prompts, with three teams on two cores).
 */
const gotTools = z.object({ id: z.literal('tools-listed'), result: z.object({}) })

const is = (kind: z.ZodType, body: unknown): boolean => kind.safeParse(body).success

/** The tools of instances, over HTTP and without sessions: who asks is said by the bearer token of each request. */
export function mcpRoutes(app: FastifyInstance, deps: McpDeps): void {
  const { dispatcher, tokens } = deps
  const handler = createMcpHandler(
    (context) => {
      const caller = context.authInfo?.extra?.['identity'] as Identity // put there below, after the check
      const role = dispatcher.state.instances.get(caller.instance)?.role
      if (role === undefined) throw new Error(`there is no instance ${caller.instance}`)
      return toolsFor(role, caller, deps)
    },
    // Nothing here changes by itself that a client could subscribe to.
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
      if (is(gotTools, request.body)) dispatcher.dispatch({ type: 'tools-listed', ...identity })
      // Before the tool does its work: that it is called at all proves that the prompt has arrived.
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
