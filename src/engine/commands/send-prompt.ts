import type { Command } from '../../core/model/command.ts'
import type { InstanceId } from '../../core/model/ids.ts'
import type { State } from '../../core/model/state.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { Terminals } from '../../ports/terminals.ts'
import { clearScreen, typePrompt } from './type-prompt.ts'
import type { NewEvent } from '../dispatch/dispatcher.ts'
import type { AgentStatusTracker } from '../observe/agent-status.ts'

export interface PromptingParts {
  readonly state: () => State
  readonly runtime: Runtime
  readonly terminals: Terminals
  readonly sightings: AgentStatusTracker
  readonly clock: Clock
}

type PromptCommand = Extract<Command, { type: 'send-prompt' }>

/** Sends prompts by typing them; one that travels in a Stop hook's answer has been sent by the answer. */
export class PromptSender {
  readonly #parts: PromptingParts

  constructor(parts: PromptingParts) {
    this.#parts = parts
  }

  /** Null when the prompt was typed: that it arrived is told by its hook. */
  async send({ instance, launch, prompt, tries }: PromptCommand): Promise<NewEvent | null> {
    if (prompt.way === 'answered' || !this.#isAwaited(instance, launch, prompt.id)) return null
    const { runtime, terminals, sightings, clock } = this.#parts
    await terminals.ensureOpen(instance, runtime.terminalCommand(instance))
    const delivery = { instance, line: prompt.text, fresh: prompt.way === 'typed-fresh', tries }
    const outcome = await typePrompt(delivery, { terminals, facts: sightings, clock })
    return outcome === 'sent'
      ? null
      : { type: 'prompt-not-sent', instance, launch, prompt: prompt.id, ...outcome }
  }

  /** Looks at an instance of which nothing was heard, removes what stands in its way, and tells whether its turn is over. */
  async looksIdle(instance: InstanceId): Promise<boolean> {
    const sighting = await clearScreen(instance, this.#parts)
    return (
      sighting.name === 'prompt' ||
      sighting.name === 'interrupted' ||
      sighting.name === 'no-response'
    )
  }

  /** A prompt that was confirmed, or given up, while it waited for its turn must not be typed. */
  #isAwaited(instance: InstanceId, launch: number, prompt: string): boolean {
    const found = this.#parts.state().instances.get(instance)
    return (
      found?.launch === launch &&
      found.phase.name === 'prompted' &&
      found.phase.prompt.id === prompt
    )
  }
}
