import { type AnswerBlock, type MessagesRequest, messagesRequest } from '../model/wire.ts'
import { answerAs } from './answer-as.ts'
import type { Script } from './script.ts'

type ToolCall = Extract<AnswerBlock, { type: 'tool_use' }>

/** What a tool answers; a string stands for success. */
export type ToolStubs = (call: ToolCall) => string | { readonly failure: string }

type Message = Record<'role' | 'content', unknown>

export const workerTools = [
  'Bash',
  'Edit',
  'Read',
  'Write',
  'mcp__orchestrator__brief',
  'mcp__orchestrator__report_done',
]
export const managerTools = ['Read', 'mcp__orchestrator__state', 'mcp__orchestrator__submit_plan']

/**
 * A conversation with the players without Claude Code: the test gives the prompts and the results
 * of tools.
 */
export class ConversationHarness {
  readonly #script: Script
  readonly #tools: readonly string[]
  readonly #stubs: ToolStubs
  readonly #messages: Message[]

  constructor(
    script: Script,
    tools: readonly string[],
    stubs: ToolStubs,
    messages: readonly Message[] = [],
  ) {
    this.#script = script
    this.#tools = tools
    this.#stubs = stubs
    this.#messages = [...messages]
  }

  /** Says the text and answers the calls that follow until the turn ends. */
  say(text: string): readonly ToolCall[] {
    this.#messages.push({
      role: 'user',
      content: [
        { type: 'text', text: '<system-reminder>\nnoise\n</system-reminder>' },
        { type: 'text', text },
      ],
    })
    const calls: ToolCall[] = []
    for (;;) {
      const { blocks } = answerAs(this.#script, this.request()).answer
      const id = `toolu_${this.#messages.length}`
      this.#messages.push({
        role: 'assistant',
        content: blocks.map((block) => (block.type === 'tool_use' ? { ...block, id } : block)),
      })
      const call = blocks.find((block) => block.type === 'tool_use')
      if (!call) return calls
      calls.push(call)
      this.#messages.push({ role: 'user', content: [resultBlock(id, this.#stubs(call))] })
      if (calls.length > 100) throw new Error('the turn does not end')
    }
  }

  get lastWords(): string {
    return JSON.stringify(this.#messages.at(-1)?.content)
  }

  request(): MessagesRequest {
    return messagesRequest.parse({
      model: 'claude-test',
      messages: [
        { role: 'system', content: '# Environment\n - Primary working directory: /workspace' },
        ...this.#messages,
      ],
      tools: this.#tools.map((name) => ({ name })),
      stream: true,
    })
  }
}

function resultBlock(id: string, result: ReturnType<ToolStubs>) {
  const [text, isError] = typeof result === 'string' ? [result, false] : [result.failure, true]
  return {
    type: 'tool_result',
    tool_use_id: id,
    is_error: isError,
    content: [{ type: 'text', text }],
  }
}
