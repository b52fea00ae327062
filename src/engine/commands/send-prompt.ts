import type { Command } from '../../core/model/command.ts'
import type { InstanceId, Launch } from '../../core/model/ids.ts'
import type { State } from '../../core/model/state.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Instances } from '../../ports/instances.ts'
import type { Terminals } from '../../ports/terminals.ts'
import { clearScreen, typePrompt } from './type-prompt.ts'
import type { NewEvent } from '../dispatch/dispatcher.ts'
import type { AgentStatusSource } from '../observe/agent-status.ts'

export interface PromptParts {
  readonly state: () => State
  readonly instances: Instances
  readonly terminals: Terminals
  readonly agentStatus: AgentStatusSource
  readonly clock: Clock
}

type PromptCommand = Extract<Command, { type: 'send-prompt' }>

/**
 * Types a prompt into the instance's terminal. Resolves with null when it was typed: its
 * UserPromptSubmit hook reports the arrival.
 */
export async function sendPrompt(
  { instance, launch, prompt, tries }: PromptCommand,
  parts: PromptParts,
): Promise<NewEvent | null> {
  if (!isAwaited(instance, launch, prompt.id, parts.state())) return null
  const { instances, terminals, agentStatus, clock } = parts
  await terminals.ensureOpen(instance, instances.terminalCommand(instance))
  const delivery = { instance, line: prompt.text, fresh: prompt.way === 'typed-fresh', tries }
  const outcome = await typePrompt(delivery, { terminals, agentStatus: agentStatus, clock })
  if (outcome === 'sent') return null
  return { type: 'prompt-not-sent', instance, launch, prompt: prompt.id, ...outcome }
}

/** Removes what blocks the terminal of a silent instance; true when its turn is over. */
export async function probeInstance(
  instance: InstanceId,
  parts: Pick<PromptParts, 'terminals' | 'clock'>,
): Promise<boolean> {
  const { name } = await clearScreen(instance, parts)
  return name === 'prompt' || name === 'interrupted' || name === 'no-response'
}

/** False for a prompt that was confirmed or given up while its command was queued. */
function isAwaited(instance: InstanceId, launch: Launch, prompt: string, state: State): boolean {
  const found = state.instances.get(instance)
  if (found?.launch !== launch || found.phase.name !== 'prompted') return false
  return found.phase.prompt.id === prompt
}
