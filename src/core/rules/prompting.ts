import { traitsOf } from '../model/roles.ts'
import { backOffMs } from '../model/back-off.ts'
import type { Draft } from '../model/draft.ts'
import type { InstanceId } from '../model/ids.ts'
import type { Instance, Prompt, PromptPurpose } from '../model/instance.ts'
import { header, promptLine } from '../text/prompts.ts'
import { lose } from './lifecycle.ts'

/** Sends the instance a prompt; whether it arrived is a fact that we wait for. */
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
  const until = draft.at + draft.state.rules.promptTimeoutMs
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

/** Sends the same prompt once more, typed whatever its first way was; gives the instance up after the last try. */
export function retryPrompt(draft: Draft, id: InstanceId): void {
  const instance = draft.instance(id)
  const { phase } = instance
  if (phase.name !== 'prompted') return
  if (phase.tries >= draft.state.rules.promptTries) {
    return lose(
      draft,
      id,
      `prompt ${phase.prompt.id} did not arrive${phase.obstacle === null ? '' : `: ${phase.obstacle}`}`,
    )
  }
  const again: Prompt = {
    ...phase.prompt,
    way: phase.prompt.way === 'answered' ? 'typed' : shortestWay(instance, phase.prompt.way),
  }
  enterPrompted(draft, id, again, phase.tries + 1)
}

/** A conversation that nobody has used yet is as fresh as a cleared one; the first try may have cleared it too late to be noticed. */
const shortestWay = ({ conversation }: Instance, way: Prompt['way']): Prompt['way'] =>
  way === 'typed-fresh' && conversation !== 'used' ? 'typed' : way

/** The prompt could not even be typed. What stands in the way gets a moment to go before the next try. */
export function recordPromptObstacle(draft: Draft, id: InstanceId, obstacle: string): void {
  const { phase } = draft.instance(id)
  if (phase.name !== 'prompted') return
  draft.setInstance(id, {
    phase: { ...phase, obstacle, until: draft.at + backOffMs(phase.tries, draft.state.rules) },
  })
}

/** The prompt is with the model: the turn has begun. */
export function beginTurn(draft: Draft, id: InstanceId, begun: Prompt): void {
  draft.enterInstance(
    id,
    { name: 'working', prompt: begun, heard: draft.at, looks: 0 },
    { conversation: 'used' },
  )
}

export const containsPrompt = (text: string, sent: Prompt): boolean =>
  text.includes(header(sent.id))
