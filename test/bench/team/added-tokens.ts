import { type Content, type MessagesRequest, textOf } from '../../../src/rehearsal/model/wire.ts'
import { countTokens } from '../../../src/rehearsal/model/tokens.ts'

/** What orchestration adds to a conversation, in tokens of four characters each, an estimate. */
export interface AddedTokens {
  /** Requests that are only there because a tool of the orchestrator was called. */
  readonly requests: number
  /** What those requests read again. */
  readonly cached: number
  /** Prompts, calls of the orchestrator's tools and their results. */
  readonly fresh: number
}

const ownTool = /^mcp__orchestrator__/
const ownPrompt = /^\[orchestrator p\d+\]/m

/** Of one request of a worker. */
export function addedBy({ system, tools, messages }: MessagesRequest): AddedTokens {
  const last = messages.at(-1)
  const before = messages.slice(0, -2)
  const calls = ownCalls(messages.at(-2)?.content)
  const answersOwn = last !== undefined && resultsOf(last.content).some((id) => calls.includes(id))
  if (answersOwn)
    return {
      requests: 1,
      cached: countTokens([tools, system, before]),
      fresh: countTokens(messages.slice(-2)),
    }
  const said = last?.role === 'user' ? textOf(last.content) : ''
  const line = said.split('\n').find((text) => ownPrompt.test(text))
  return { requests: 0, cached: 0, fresh: line === undefined ? 0 : countTokens(line) }
}

export const sumOf = (all: readonly AddedTokens[]): AddedTokens => ({
  requests: all.reduce((sum, { requests }) => sum + requests, 0),
  cached: all.reduce((sum, { cached }) => sum + cached, 0),
  fresh: all.reduce((sum, { fresh }) => sum + fresh, 0),
})

const ownCalls = (content: Content | undefined): readonly string[] =>
  blocksOf(content).flatMap((block) =>
    block.type === 'tool_use' && ownTool.test(block.name) ? [block.id] : [],
  )

const resultsOf = (content: Content): readonly string[] =>
  blocksOf(content).flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : []))

const blocksOf = (content: Content | undefined) =>
  content === undefined || typeof content === 'string' ? [] : content
