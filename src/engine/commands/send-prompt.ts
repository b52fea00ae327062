import type { Command } from '../../core/model/command.ts'
import type { State } from '../../core/model/state.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Instances } from '../../ports/instances.ts'
import type { Terminals } from '../../ports/terminals.ts'
import { typePrompt } from './type-prompt.ts'
import type { NewEvent } from '../dispatch/dispatcher.ts'
import type { AgentStatusSource } from '../observe/agent-status.ts'

export interface PromptParts {
  readonly state: () => State
  readonly instances: Instances
  readonly terminals: Terminals
  readonly agentStatus: AgentStatusSource
  readonly clock: Clock
}

type PromptCommand = Extract<Command, { type: 'send-prompt' | 'clear-conversation' }>

/**
 * Types a prompt, or the `/clear` before it, into the instance's terminal. No event says that the
 * prompt was typed: its UserPromptSubmit hook reports the arrival. After `/clear` the state waits
 * for the SessionStart hook.
 */
export async function sendPrompt(
  command: PromptCommand,
  parts: PromptParts,
): Promise<NewEvent | null> {
  const { type, instance, launch, prompt, tries } = command
  const isClearing = type === 'clear-conversation'
  if (!isAwaited(command, parts.state())) return null
  const { instances, terminals } = parts
  // `/clear` was answered in it just now; looking again would only delay the handoff.
  const isOpen = !isClearing && prompt.way === 'typed-fresh'
  if (!isOpen) await terminals.ensureOpen(instance, instances.terminalCommand(instance))
  const line = isClearing ? '/clear' : prompt.text
  const outcome = await typePrompt({ instance, line, tries }, parts)
  if (outcome !== 'sent')
    return { type: 'prompt-not-sent', instance, launch, prompt: prompt.id, ...outcome }
  return isClearing ? { type: 'clear-typed', instance, launch, prompt: prompt.id, tries } : null
}

/** False for a try that was confirmed or given up while its command was queued. */
function isAwaited(
  { type, instance, launch, prompt, tries }: PromptCommand,
  state: State,
): boolean {
  const found = state.instances.get(instance)
  if (found?.launch !== launch || found.phase.name !== 'prompted') return false
  const { phase } = found
  const awaits = type === 'clear-conversation' ? 'clear' : 'arrival'
  return phase.prompt.id === prompt.id && phase.tries === tries && phase.awaits === awaits
}
