import { traitsOf } from '../model/roles.ts'
import { backOffMs } from '../model/back-off.ts'
import type { Draft } from '../model/draft.ts'
import type { InstanceId } from '../model/ids.ts'
import type { Instance, Prompt, PromptPurpose } from '../model/instance.ts'
import { timeouts } from '../model/policy.ts'
import { header, type Occasion, promptLine } from '../text/prompts.ts'
import { lose } from './lifecycle.ts'

/** Sends a prompt. The instance stays `prompted` until an event confirms that it arrived. */
export function sendPrompt(
  draft: Draft,
  id: InstanceId,
  purpose: PromptPurpose,
  way: Prompt['way'],
  about: Pick<Occasion, 'count' | 'hang'> = {},
): void {
  const instance = draft.instance(id)
  const promptId = `p${instance.prompts + 1}`
  const text = promptLine(promptId, {
    purpose,
    task: instance.task,
    fetchTool: traitsOf(instance.role).fetchTool,
    now: draft.at,
    ...about,
  })
  const sent: Prompt = { id: promptId, purpose, text, way: shortestWay(instance, way) }
  draft.setInstance(id, { prompts: instance.prompts + 1 })
  takeNextStep(draft, id, sent, 1)
}

/**
 * Takes the next step of a try: it waits for a rotation, so that the first request uses the new
 * credential; clears the conversation; types the prompt. An answer to a Stop hook cannot wait.
 */
function takeNextStep(draft: Draft, id: InstanceId, sent: Prompt, tries: number): void {
  const { rotation, conversation, launch } = draft.instance(id)
  const each = { name: 'prompted', prompt: sent, tries, obstacle: null } as const
  const isTyped = sent.way !== 'answered'
  if (isTyped && rotation !== null)
    return void draft.enterInstance(id, { ...each, awaits: 'rotation' })
  const isClearing = sent.way === 'typed-fresh' && conversation === 'used'
  const until = draft.at + draft.state.policy.promptTimeoutMs
  draft.enterInstance(id, { ...each, until, awaits: isClearing ? 'clear' : 'arrival' })
  const type = isClearing ? 'clear-conversation' : 'send-prompt'
  if (isTyped) draft.issue({ type, instance: id, launch, prompt: sent, tries })
  else draft.reply = sent
}

/** The rotation has ended, or `/clear` was answered: the prompt that waits for it goes on. */
export function continuePrompt(draft: Draft, id: InstanceId, after: 'rotation' | 'clear'): void {
  const { phase } = draft.instance(id)
  if (phase.name === 'prompted' && phase.awaits === after)
    takeNextStep(draft, id, phase.prompt, phase.tries)
}

/** `/clear` was typed, in this try of this prompt. False when the phase does not wait for that. */
export function noteClearTyped(
  draft: Draft,
  id: InstanceId,
  typed: { readonly prompt: string; readonly tries: number },
): boolean {
  const { phase } = draft.instance(id)
  const isAwaited =
    phase.name === 'prompted' &&
    phase.awaits === 'clear' &&
    phase.obstacle === null &&
    phase.prompt.id === typed.prompt &&
    phase.tries === typed.tries
  if (isAwaited) draft.setInstance(id, { phase: { ...phase, until: draft.at + timeouts.clearMs } })
  return isAwaited
}

/** The deadline of a prompt has passed: that of a step, or the pause after a failed try. */
export function expirePrompt(draft: Draft, id: InstanceId): void {
  const { phase } = draft.instance(id)
  if (phase.name !== 'prompted') return
  if (phase.awaits === 'clear' && phase.obstacle === null)
    recordPromptObstacle(draft, id, 'clear-unanswered')
  else retryPrompt(draft, id)
}

/**
 * Sends the same prompt again, typed even if it was an answer before. After the last try, the
 * instance is lost.
 */
function retryPrompt(draft: Draft, id: InstanceId): void {
  const instance = draft.instance(id)
  const { phase } = instance
  if (phase.name !== 'prompted') return
  if (phase.tries >= draft.state.policy.promptTries) {
    const cause = phase.obstacle === null ? '' : `: ${phase.obstacle}`
    return lose(draft, id, `prompt ${phase.prompt.id} did not arrive${cause}`)
  }
  const again: Prompt = {
    ...phase.prompt,
    way: phase.prompt.way === 'answered' ? 'typed' : shortestWay(instance, phase.prompt.way),
  }
  takeNextStep(draft, id, again, phase.tries + 1)
}

/**
 * An unused conversation needs no `/clear`. On a repeated try the first one may have cleared it
 * already.
 */
const shortestWay = ({ conversation }: Instance, way: Prompt['way']): Prompt['way'] =>
  way === 'typed-fresh' && conversation !== 'used' ? 'typed' : way

/** The prompt could not be typed. The next try follows after a back-off. */
export function recordPromptObstacle(draft: Draft, id: InstanceId, obstacle: string): void {
  const { phase } = draft.instance(id)
  if (phase.name !== 'prompted' || phase.awaits === 'rotation') return
  draft.setInstance(id, {
    phase: { ...phase, obstacle, until: draft.at + backOffMs(phase.tries, draft.state.policy) },
  })
}

/** The prompt reached the model: the turn begins. */
export function beginTurn(draft: Draft, id: InstanceId, begun: Prompt): void {
  draft.enterInstance(
    id,
    { name: 'working', prompt: begun, lastHeartbeat: draft.at, probes: 0, busy: null },
    { conversation: 'used' },
  )
}

export const containsPrompt = (text: string, sent: Prompt): boolean =>
  text.includes(header(sent.id))
