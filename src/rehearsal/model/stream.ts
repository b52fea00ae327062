import type { Message, MessageBlock } from './message.ts'

export interface StreamEvent {
  readonly type: string
  readonly [field: string]: unknown
}

/** The events of a streamed answer in the order in which the real service sends them. */
export function* streamEvents(message: Message): Generator<StreamEvent> {
  const { output_tokens, ...input } = message.usage
  yield {
    type: 'message_start',
    message: { ...message, content: [], stop_reason: null, usage: { ...input, output_tokens: 1 } },
  }
  for (const [index, block] of message.content.entries()) {
    yield { type: 'content_block_start', index, content_block: opening(block) }
    if (index === 0) yield { type: 'ping' }
    for (const delta of deltas(block)) yield { type: 'content_block_delta', index, delta }
    yield { type: 'content_block_stop', index }
  }
  yield {
    type: 'message_delta',
    delta: { stop_reason: message.stop_reason, stop_sequence: null },
    usage: { output_tokens },
  }
  yield { type: 'message_stop' }
}

export const asServerSentEvent = (event: StreamEvent): string =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`

const opening = (block: MessageBlock) =>
  block.type === 'text' ? { type: 'text', text: '' } : { ...block, input: {} }

const deltas = (block: MessageBlock) =>
  block.type === 'text'
    ? inPieces(block.text).map((text) => ({ type: 'text_delta', text }))
    : ['', ...inPieces(JSON.stringify(block.input))].map((partial_json) => ({
        type: 'input_json_delta',
        partial_json,
      }))

/** Pieces that cut words and escapes in half, as the real ones do. */
const inPieces = (text: string): readonly string[] => text.match(/[^]{1,48}/gu) ?? []
