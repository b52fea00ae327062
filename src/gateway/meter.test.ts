import { describe, expect, it } from 'vitest'
import { meterFor } from './meter.ts'

const event = (type: string, fields: object) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
const start = event('message_start', {
  message: {
    model: 'claude-sonnet-5-5',
    usage: {
      input_tokens: 100,
      cache_read_input_tokens: 1_000,
      cache_creation_input_tokens: 40,
      output_tokens: 1,
    },
  },
})
const text = (words: string) =>
  event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: words } })
const end = event('message_delta', {
  delta: { stop_reason: 'end_turn' },
  usage: { output_tokens: 50 },
})
const stream = [
  start,
  text('a "message_delta" in words'),
  text('x'.repeat(100_000)),
  text('é🙂'),
  end,
  event('message_stop', {}),
].join('')

function usageOf(type: string, answer: string, pieceBytes: number, headers = {}) {
  const meter = meterFor({ 'content-type': type, ...headers })
  const bytes = Buffer.from(answer)
  for (let from = 0; from < bytes.length; from += pieceBytes)
    meter?.read(bytes.subarray(from, from + pieceBytes))
  return meter?.usage()
}

const counted = {
  model: 'claude-sonnet-5-5',
  inputTokens: 100,
  cacheReadTokens: 1_000,
  cacheCreationTokens: 40,
}

describe('the usage of a streamed answer', () => {
  it.each([1, 7, 4_096, 1_000_000])('is found in pieces of %i bytes', (pieceBytes) => {
    expect(usageOf('text/event-stream; charset=utf-8', stream, pieceBytes)).toEqual({
      ...counted,
      outputTokens: 50,
      costMicros: 900,
    })
  })

  it('is what was used so far when the answer ends early', () => {
    expect(usageOf('text/event-stream', start + text('half'), 100)).toMatchObject({
      ...counted,
      outputTokens: 1,
    })
  })

  it('is unknown when no message began', () => {
    expect(
      usageOf('text/event-stream', event('error', { error: { type: 'overloaded_error' } }), 100),
    ).toBeNull()
  })

  it('ignores lines that are malformed', () => {
    expect(
      usageOf(
        'text/event-stream',
        `event: message_start\ndata: {"message":\n\n${start}${end}`,
        100,
      ),
    ).toMatchObject({
      outputTokens: 50,
    })
  })
})

describe('the usage of an answer in one piece', () => {
  const message = {
    model: 'claude-unheard-of',
    usage: { input_tokens: 3, output_tokens: 4, cache_creation: null },
  }

  it('is found, and costs nothing when the model has no price', () => {
    const none = { cacheReadTokens: 0, cacheCreationTokens: 0, costMicros: 0 }
    const expected = { model: 'claude-unheard-of', inputTokens: 3, outputTokens: 4, ...none }
    expect(usageOf('application/json', JSON.stringify(message), 10)).toEqual(expected)
  })

  it.each(['{"model":', '[]', '', JSON.stringify({ ...message, content: 'x'.repeat(2_000_000) })])(
    'is unknown for anything else (%#)',
    (answer) => {
      expect(usageOf('application/json', answer, 65_536)).toBeNull()
    },
  )
})

it('an answer of an unreadable form has no meter', () => {
  expect(meterFor({ 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })).toBeNull()
  expect(meterFor({ 'content-type': 'text/html' })).toBeNull()
})
