import { z } from 'zod'

const text = z.object({ type: z.literal('text'), text: z.string() })

const toolUse = z.object({
  type: z.literal('tool_use'),
  id: z.string(),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
})

/**
 * Thinking, images, references: a scripted model has no use for them, and a newer client may send
 * kinds that we do not know.
 */
const other = z.looseObject({ type: z.string() }).transform(() => ({ type: 'other' as const }))

const toolResult = z.object({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(z.union([text, other]))]).default(''),
  is_error: z.boolean().default(false),
})

const content = z.union([z.string(), z.array(z.union([text, toolUse, toolResult, other]))])

/**
 * What the stand-in reads of a Messages API request; `system` is a role here since the API knows
 * system messages in mid-conversation.
 */
export const messagesRequest = z.object({
  model: z.string(),
  system: z.union([z.string(), z.array(z.union([text, other]))]).default(''),
  messages: z.array(z.object({ role: z.enum(['user', 'assistant', 'system']), content })),
  tools: z.array(z.looseObject({ name: z.string().default('') })).default([]),
  stream: z.boolean().default(false),
})

export type MessagesRequest = z.infer<typeof messagesRequest>
export type Content = z.infer<typeof content>

export type AnswerBlock =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'tool_use'
      readonly name: string
      readonly input: Readonly<Record<string, unknown>>
    }

/** An assistant message before it has ids. */
export interface Answer {
  readonly blocks: readonly AnswerBlock[]
}

/** The tool calls whose results a conversation holds, by their ids. */
export const resultsIn = ({ messages }: MessagesRequest): readonly string[] =>
  messages.flatMap(({ content }) =>
    typeof content === 'string'
      ? []
      : content.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : [])),
  )

export const textOf = (value: Content | MessagesRequest['system']): string =>
  typeof value === 'string'
    ? value
    : value.map((block) => (block.type === 'text' ? block.text : '')).join('\n')
