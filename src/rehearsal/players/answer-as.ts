import type { Line } from '../model/server.ts'
import { type MessagesRequest, textOf } from '../model/wire.ts'
import { type Conversation, readConversation } from './conversation.ts'
import { managerStep } from './manager.ts'
import type { Script } from './script.ts'
import { complain, speak, type Step, toAnswer } from './step.ts'
import { delegatedWork } from './work.ts'
import { briefTool, workerStep } from './worker.ts'

/** The scripted answer to a request. Its role follows from the tools that it offers. */
export function answerAs(script: Script, request: MessagesRequest): Line {
  const conversation = readConversation(request)
  const role = roleOf(request)
  const step = stepOf(role, script, conversation)
  return {
    answer: toAnswer(step),
    role,
    prompt: conversation.prompt,
    complaint: step.type === 'complain' ? step.text : null,
  }
}

type Role = 'manager' | 'worker' | 'subagent' | 'bystander'

function stepOf(role: Role, script: Script, conversation: Conversation): Step {
  switch (role) {
    case 'manager':
      return managerStep(script, conversation)
    case 'worker':
      return workerStep(script, conversation)
    case 'subagent':
      return speak('It does not.')
    case 'bystander':
      return conversation.prompt === null
        ? speak('I only answer the Manager, the Workers and their subagents.')
        : complain(`The prompt ${conversation.prompt} reached me before the tools that it needs.`)
  }
}

function roleOf({ tools, messages }: MessagesRequest): Role {
  const said = messages.find(({ role }) => role === 'user')
  if (said && textOf(said.content).includes(delegatedWork)) return 'subagent'
  const offered = new Set(tools.map(({ name }) => name))
  if (offered.has('mcp__orchestrator__submit_plan')) return 'manager'
  return offered.has(briefTool) ? 'worker' : 'bystander'
}
