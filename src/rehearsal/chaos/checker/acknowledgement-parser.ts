import { z } from 'zod'
import { type MessagesRequest, textOf } from '../../model/wire.ts'
import type { Acknowledgement } from './acknowledged.ts'

type Tool = Acknowledgement['tool']

const answerInput = z.looseObject({ task: z.string() })

/**
 * The task of a call that was not refused; null when its result does not name one. A refusal is an
 * error result, so the wording matters in one place only: the input of a report does not name the
 * task, and the result starts with a word, a colon and the task.
 */
const taskOf: Readonly<Record<Tool, (input: unknown, result: string) => string | null>> = {
  report_done: (_input, result) => /^[A-Z]\w+: ([a-z0-9-]+)\./.exec(result)?.[1] ?? null,
  submit_plan: () => '',
  answer: (input) => answerInput.safeParse(input).data?.task ?? null,
}

/**
 * The calls that the server accepted, as a conversation holds them: the tool calls with their
 * results.
 */
export function acknowledgementsIn({ messages }: MessagesRequest): readonly Acknowledgement[] {
  const blocks = messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content))
  const results = new Map(
    blocks.flatMap((block) =>
      block.type === 'tool_result' && !block.is_error
        ? [[block.tool_use_id, textOf(block.content)]]
        : [],
    ),
  )
  return blocks.flatMap((block): Acknowledgement[] => {
    if (block.type !== 'tool_use') return []
    const tool = block.name.replace('mcp__orchestrator__', '')
    const result = results.get(block.id)
    if (!isKnown(tool) || result === undefined) return []
    const task = taskOf[tool](block.input, result)
    return task === null ? [] : [{ call: block.id, tool, task }]
  })
}

const isKnown = (tool: string): tool is Tool => Object.hasOwn(taskOf, tool)
