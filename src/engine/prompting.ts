import type { Command } from '../core/command.ts'
import type { InstanceId } from '../core/ids.ts'
import type { State } from '../core/state.ts'
import type { Clock } from '../ports/clock.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { Terminals } from '../ports/terminals.ts'
import type { Fact } from './dispatcher.ts'
import type { Sightings } from './sightings.ts'

export interface PromptingParts {
  readonly state: () => State
  readonly runtime: Runtime
  readonly terminals: Terminals
  readonly sightings: Sightings
  readonly clock: Clock
}

type PromptCommand = Extract<Command, { type: 'send-prompt' }>

/** Sends prompts by typing them; one that travels in a Stop hook's answer has been sent by the answer. */
export class Prompting {
  readonly #parts: PromptingParts

  constructor(parts: PromptingParts) {
    this.#parts = parts
  }

  async send({ instance, prompt }: PromptCommand): Promise<Fact | null> {
    if (prompt.way === 'answered') return null
    const { terminals, runtime } = this.#parts
    const idle = async () => { for (let i = 0; i < 100 && runtime.status(instance) !== 'idle'; i++) await new Promise((r) => setTimeout(r, 100)) }
    await idle()
    if (prompt.way === 'typed-fresh') {
      await terminals.paste(instance, '/clear')
      await terminals.press(instance, 'Enter')
      await new Promise((r) => setTimeout(r, 800))
      await idle()
    }
    await terminals.paste(instance, prompt.text)
    await terminals.press(instance, 'Enter')
    return null
  }

  async looksIdle(instance: InstanceId): Promise<boolean> {
    return this.#parts.runtime.status(instance) === 'idle'
  }
}
