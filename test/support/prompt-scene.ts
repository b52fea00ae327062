import { readFileSync } from 'node:fs'
import { workerId } from '../../src/core/model/ids.ts'
import { type LineDelivery, typePrompt } from '../../src/engine/commands/type-prompt.ts'
import type { AgentStatus } from '../../src/ports/instances.ts'
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
  readonly status?: AgentStatus | null
  /** How the agent reacts to a key. */
  readonly agent?: (key: string, say: (status: AgentStatus) => void) => void
  readonly screen?: (typed: Typed) => string
}

/** A terminal with an agent. */
export async function openPromptScene({
  status = 'idle',
  screen = () => emptyPrompt,
  agent = () => undefined,
}: PromptScene = {}) {
  const agentStatus = createFakeAgentStatus()
  const clock = createSkippingClock()
  const terminals = createFakeTerminals({
    onPress: (_, key) => agent(key, (next) => agentStatus.say(worker, next)),
  })
  await terminals.ensureOpen(worker, ['agent'])
  terminals.show(worker, screen)
  agentStatus.say(worker, status)
  const send = (change: Partial<LineDelivery> = {}) =>
    typePrompt({ instance: worker, line, tries: 1, ...change }, { terminals, agentStatus, clock })
  return { terminals, agentStatus, clock, send, typed: () => terminals.typedInto(worker) }
}
