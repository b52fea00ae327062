import { traitsOf } from '../model/roles.ts'
import { backOffMs } from '../model/back-off.ts'
import type { Draft } from '../model/draft.ts'
import type { InstanceId } from '../model/ids.ts'
import type { Instance, Prompt, PromptPurpose } from '../model/instance.ts'
import { header, promptLine } from '../text/prompts.ts'
import { lose } from './lifecycle.ts'

/** Sends a prompt. The instance stays `prompted` until an event confirms that it arrived. */
export function sendPrompt(
  draft: Draft,
  id: InstanceId,
  purpose: PromptPurpose,
  way: Prompt['way'],
  count?: number,
): void {
  const instance = draft.instance(id)
  const promptId = `p${instance.prompts + 1}`
  const text = promptLine(promptId, {
    purpose,
    task: instance.task,
    fetchTool: traitsOf(instance.role).fetchTool,
    ...(count === undefined ? {} : { count }),
  })
  const sent: Prompt = { id: promptId, purpose, text, way: shortestWay(instance, way) }
  draft.setInstance(id, { prompts: instance.prompts + 1 })
  enterPrompted(draft, id, sent, 1)
}

function enterPrompted(draft: Draft, id: InstanceId, sent: Prompt, tries: number): void {
  const until = draft.at + draft.state.policy.promptTimeoutMs
  const { launch } = draft.enterInstance(id, {
    name: 'prompted',
    prompt: sent,
    tries,
    until,
    obstacle: null,
  })
  if (sent.way === 'answered') draft.reply = sent
  else draft.issue({ type: 'send-prompt', instance: id, launch, prompt: sent, tries })
}

/**
 * Sends the same prompt again, typed even if it was an answer before. After the last try, the
 * instance is lost.
 */
export function retryPrompt(draft: Draft, id: InstanceId): void {
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
  enterPrompted(draft, id, again, phase.tries + 1)
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
  if (phase.name !== 'prompted') return
  draft.setInstance(id, {
    phase: { ...phase, obstacle, until: draft.at + backOffMs(phase.tries, draft.state.policy) },
  })
}

/** The prompt reached the model: the turn begins. */
export function beginTurn(draft: Draft, id: InstanceId, begun: Prompt): void {
  draft.enterInstance(
    id,
    { name: 'working', prompt: begun, lastHeartbeat: draft.at, probes: 0 },
    { conversation: 'used' },
  )
}

export const containsPrompt = (text: string, sent: Prompt): boolean =>
  text.includes(header(sent.id))
