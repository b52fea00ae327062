import type { Draft } from '../model/draft.ts'
import type { Instance, Prompt } from '../model/instance.ts'
import { applied, ignored, type Outcome } from '../model/outcome.ts'
import { beginTurn } from '../rules/prompting.ts'

/**
 * No UserPromptSubmit hook announces a prompt that travels in the answer to a Stop hook: the next
 * sign of activity confirms it.
 */
export function recordHeartbeat(draft: Draft, instance: Instance): Outcome {
  const { id, phase } = instance
  if (phase.name === 'prompted' && phase.prompt.way === 'answered')
    confirmDelivery(draft, instance, phase.prompt)
  else if (phase.name === 'working')
    draft.setInstance(id, {
      phase: { ...phase, lastHeartbeat: draft.at, probes: 0, busy: null },
    })
  else return ignored(`${id} is ${phase.name}`)
  return applied
}

/** The prompt arrived: the turn begins, and with it the work on an assigned task. */
export function confirmDelivery(draft: Draft, { id, task }: Instance, sent: Prompt): void {
  beginTurn(draft, id, sent)
  if (task !== null && draft.task(task).phase.name === 'assigned')
    draft.enterTask(task, { name: 'working', instance: id, reminders: 0 })
}
