import { type Content, type MessagesRequest, textOf } from '../model/wire.ts'

/**
 * A tool call and what came back; null while the result is missing, as after a restart in the
 * middle of a call.
 */
export interface Exchange {
  readonly tool: string
  readonly input: Readonly<Record<string, unknown>>
  readonly result: { readonly text: string; readonly failed: boolean } | null
}

/**
 * A conversation as an actor sees it: the prompt it is to act on, what it did about it so far, what
 * was before.
 */
export interface Conversation {
  readonly prompt: string | null
  readonly exchanges: readonly Exchange[]
  readonly earlier: readonly Exchange[]
  readonly workingDirectory: string | null
}

/** The orchestrator's header line begins a turn; other words belong to the turn before. */
const promptHeader = /^(?:Stop hook feedback:\s*)?\[orchestrator (p\d+)\]/m

export function readConversation(request: MessagesRequest): Conversation {
  let prompt: string | null = null
  let earlier: Exchange[] = []
  let exchanges: Exchange[] = []
  const results = resultsOf(request)
  for (const { role, content } of request.messages) {
    const arrived = role === 'user' ? promptIn(content) : null
    if (arrived !== null) {
      earlier = [...earlier, ...exchanges]
      exchanges = []
      prompt = arrived
    }
    if (role === 'assistant') exchanges.push(...callsIn(content, results))
  }
  return { prompt, exchanges, earlier, workingDirectory: workingDirectoryIn(request) }
}

function promptIn(content: Content): string | null {
  const said = textOf(content).replace(/<system-reminder>[^]*?<\/system-reminder>/g, '')
  return promptHeader.exec(said)?.[1] ?? null
}

const callsIn = (
  content: Content,
  results: ReadonlyMap<string, Exchange['result']>,
): readonly Exchange[] =>
  typeof content === 'string'
    ? []
    : content.flatMap((block) =>
        block.type === 'tool_use'
          ? [{ tool: block.name, input: block.input, result: results.get(block.id) ?? null }]
          : [],
      )

function resultsOf({ messages }: MessagesRequest): ReadonlyMap<string, Exchange['result']> {
  const blocks = messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content))
  return new Map(
    blocks.flatMap((block) =>
      block.type === 'tool_result'
        ? [[block.tool_use_id, { text: textOf(block.content), failed: block.is_error }]]
        : [],
    ),
  )
}

/** Claude Code names its directory in the system prompt or in a system message. */
function workingDirectoryIn({ system, messages }: MessagesRequest): string | null {
  const texts = [
    textOf(system),
    ...messages.filter(({ role }) => role === 'system').map(({ content }) => textOf(content)),
  ]
  return (
    /^ *-? *(?:Primary w|W)orking directory: (.+)$/m.exec(texts.join('\n'))?.[1]?.trim() ?? null
  )
}
