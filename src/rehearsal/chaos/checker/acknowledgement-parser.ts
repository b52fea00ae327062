import { type MessagesRequest, textOf } from '../../model/wire.ts'
import type { Acknowledgement } from './acknowledged.ts'

const yes: Readonly<Record<Acknowledgement['tool'], RegExp>> = {
  report_done: /^Taken: ([a-z0-9-]+)\. Stop now\./,
  submit_plan: /^The plan is taken\./,
  answer: /^Task ([a-z0-9-]+) is queued again\./,
}

/** What the server said yes to, as a conversation holds it: the tool calls with their results. */
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
    const said = isKnown(tool) ? yes[tool].exec(results.get(block.id) ?? '') : null
    return said === null || !isKnown(tool) ? [] : [{ call: block.id, tool, task: said[1] ?? '' }]
  })
}

const isKnown = (tool: string): tool is Acknowledgement['tool'] => Object.hasOwn(yes, tool)
