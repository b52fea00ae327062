import { readFileSync } from 'node:fs'
import { workerId } from '../../src/core/model/ids.ts'
import { type PromptDelivery, typePrompt } from '../../src/engine/commands/type-prompt.ts'
import type { AgentSignals } from '../../src/engine/observe/agent-status.ts'
import { createFakeAgentStatus } from '../fakes/agent-status.ts'
import { createSkippingClock } from '../fakes/skipping-clock.ts'
import { createFakeTerminals, type Typed } from '../fakes/terminals.ts'

export const worker = workerId(1)
export const line = '[orchestrator p7] Fetch the brief of your next task.'

/** A captured screen of Claude Code. */
export const captured = (name: string): string =>
  readFileSync(new URL(`../fixtures/claude/screens/${name}.txt`, import.meta.url), 'utf8')

/** An empty input box, and one with this text. */
export const emptyPrompt = captured('prompt-after-turn')
export const promptWith = (text: string): string =>
  emptyPrompt.replace(/^❯\u00a0$/m, `❯\u00a0${text}`)

interface PromptScene {
  /** What the agent has reported before the prompt is sent. */
  readonly signals?: Partial<AgentSignals>
  /** How the agent reacts to a key, given everything that was typed so far. */
  readonly agent?: (key: string, typed: Typed, say: (change: Partial<AgentSignals>) => void) => void
  readonly screen?: (typed: Typed) => string
}

/** A terminal with an agent that confirms `/clear` at once, unless the scene has another agent. */
export async function openPromptScene({
  signals = { status: 'idle' },
  screen = () => emptyPrompt,
  ...scene
}: PromptScene = {}) {
  const agentStatus = createFakeAgentStatus()
  const clock = createSkippingClock()
  const agent: PromptScene['agent'] =
    scene.agent ??
    ((key, typed, say) => {
      if (key === 'Enter' && typed.at(-2) === '/clear')
        say({ clears: agentStatus.signalsOf(worker).clears + 1 })
    })
  const terminals = createFakeTerminals({
    onPress: (_, key, all) => agent(key, all, (change) => agentStatus.say(worker, change)),
  })
  await terminals.ensureOpen(worker, ['agent'])
  terminals.show(worker, screen)
  agentStatus.say(worker, signals)
  const send = (change: Partial<PromptDelivery> = {}) =>
    typePrompt(
      { instance: worker, line, fresh: false, tries: 1, ...change },
      { terminals, agentStatus, clock },
    )
  return { terminals, agentStatus, clock, send, typed: () => terminals.typedInto(worker) }
}
