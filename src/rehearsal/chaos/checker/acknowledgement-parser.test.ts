import { describe, expect, it } from 'vitest'
import { messagesRequest } from '../../model/wire.ts'
import { acknowledgementsIn } from './acknowledgement-parser.ts'

const request = (name: string, text: string, isError = false, input = {}) =>
  messagesRequest.parse({
    model: 'm',
    messages: [
      { role: 'assistant', content: [{ type: 'tool_use', id: 'call-1', name, input }] },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'call-1',
            is_error: isError,
            content: [{ type: 'text', text }],
          },
        ],
      },
    ],
  })

describe('an acknowledgement', () => {
  it('is a yes to a report, a plan or an answer, with the id of its call', () => {
    expect(
      acknowledgementsIn(request('mcp__orchestrator__report_done', 'Accepted: a-b. Stop now.')),
    ).toEqual([{ call: 'call-1', tool: 'report_done', task: 'a-b' }])
    expect(
      acknowledgementsIn(
        request('mcp__orchestrator__submit_plan', 'The plan is accepted. Stop now.'),
      ),
    ).toMatchObject([{ task: '' }])
    expect(
      acknowledgementsIn(
        request('mcp__orchestrator__answer', 'Queued again.', false, { task: 'a' }),
      ),
    ).toMatchObject([{ task: 'a' }])
  })

  it('is neither a refusal nor an error nor what another tool says', () => {
    expect(
      acknowledgementsIn(request('mcp__orchestrator__report_done', 'Report rejected: no commit')),
    ).toEqual([])
    expect(
      acknowledgementsIn(request('mcp__orchestrator__report_done', 'Accepted: a. Stop now.', true)),
    ).toEqual([])
    expect(acknowledgementsIn(request('Bash', 'Accepted: a. Stop now.'))).toEqual([])
  })
})
