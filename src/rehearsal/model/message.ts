import type { Answer, AnswerBlock, MessagesRequest } from './wire.ts'
import { countTokens } from './tokens.ts'

export interface Message {
  readonly id: string
  readonly type: 'message'
  readonly role: 'assistant'
  readonly model: string
  readonly content: readonly MessageBlock[]
  readonly stop_reason: 'end_turn' | 'tool_use'
  readonly stop_sequence: null
  readonly usage: Usage
}

export type MessageBlock =
  | AnswerBlock
  | (Extract<AnswerBlock, { type: 'tool_use' }> & { readonly id: string })

interface Usage {
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_creation_input_tokens: number
  readonly cache_read_input_tokens: number
}

/** `serial` makes the ids: the client refuses a conversation in which two tool calls share one. */
export function toMessage(answer: Answer, request: MessagesRequest, serial: number): Message {
  const content = answer.blocks.map((block, index) =>
    block.type === 'tool_use' ? { ...block, id: `toolu_rehearsal_${serial}_${index}` } : block,
  )
  return {
    id: `msg_rehearsal_${serial}`,
    type: 'message',
    role: 'assistant',
    model: request.model,
    content,
    stop_reason: answer.blocks.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: countTokens(request),
      output_tokens: countTokens(answer.blocks),
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
    },
  }
}
