import type { Line } from '../model/server.ts'
import { type MessagesRequest, textOf } from '../model/wire.ts'
import { readConversation } from './conversation.ts'
import { playManager } from './manager.ts'
import type { Script } from './script.ts'
import { speak, toAnswer } from './step.ts'
import { delegatedWork } from './work.ts'
import { briefTool, playWorker } from './worker.ts'

/** Plays whoever is asking: the tools that a request offers tell the role. */
export function play(script: Script, request: MessagesRequest): Line {
  const conversation = readConversation(request)
  const role = roleOf(request)
  const step =
    role === 'manager'
      ? playManager(script, conversation)
      : role === 'worker'
        ? playWorker(script, conversation)
        : speak(role === 'subagent' ? 'It does not.' : 'I only play the Manager, the Workers and their subagents.')
  return { answer: toAnswer(step), role, prompt: conversation.prompt, complaint: step.type === 'complain' ? step.text : null }
}

function roleOf({ tools, messages }: MessagesRequest): 'manager' | 'worker' | 'subagent' | 'bystander' {
  const said = messages.find(({ role }) => role === 'user')
  if (said && textOf(said.content).includes(delegatedWork)) return 'subagent'
  const offered = new Set(tools.map(({ name }) => name))
  if (offered.has('mcp__orchestrator__submit_plan')) return 'manager'
  return offered.has(briefTool) ? 'worker' : 'bystander'
}
