import { block } from '../entities/task.ts'
import type { Draft } from '../model/draft.ts'
import type { InstanceId, Instant } from '../model/ids.ts'
import type { Hang, Instance, InstancePhase } from '../model/instance.ts'
import { type Policy, timeouts } from '../model/policy.ts'
import { traitsOf } from '../model/roles.ts'
import { hangText } from '../text/prompts.ts'
import { ensureCredentialApplied } from './credential-rotation.ts'
import { lose } from './lifecycle.ts'
import { sendPrompt } from './prompting.ts'

type Working = Extract<InstancePhase, { name: 'working' }>

/** When a working instance is probed next, or given up. */
export const silenceDue = (
  { lastHeartbeat, busy, probes }: Working,
  { silenceMs }: Policy,
): Instant => (busy?.seen ?? lastHeartbeat) + (probes + 1) * silenceMs

/** When a turn that was seen busy counts as hung; null unless it was. */
export const busyDue = ({ lastHeartbeat, busy }: Working, { busyMs }: Policy): Instant | null =>
  busy === null ? null : lastHeartbeat + busyMs

/**
 * A probe saw the instance at work, which counts as a sign of life for `busyMs` after its last
 * heartbeat. False when it is not in a turn.
 */
export function noteBusy(draft: Draft, { id, phase }: Instance, tool: string | null): boolean {
  if (phase.name !== 'working') return false
  const seen = { ...phase, probes: 0, busy: { seen: draft.at, tool } }
  draft.setInstance(id, { phase: seen })
  if ((busyDue(seen, draft.state.policy) ?? draft.at) <= draft.at) interruptTurn(draft, id)
  return true
}

/** Its turn was busy for too long without a heartbeat: it is interrupted. */
export function interruptTurn(draft: Draft, id: InstanceId): void {
  const { phase, hungTurns } = draft.instance(id)
  if (phase.name !== 'working') return
  const hang: Hang = { tool: phase.busy?.tool ?? null, silentSince: phase.lastHeartbeat }
  const until = draft.at + timeouts.interruptMs
  issueInterruption(
    draft,
    draft.enterInstance(id, { name: 'interrupting', until, hang }, { hungTurns: hungTurns + 1 }),
  )
}

export function issueInterruption(draft: Draft, { id, launch }: Instance): void {
  draft.issue({ type: 'interrupt-turn', instance: id, launch })
}

/**
 * The turn is over. The next prompt says what hung, and the work stays where it is. When the next
 * turn hangs too, the Manager decides about the task. False when nothing waits for this.
 */
export function finishInterruption(
  draft: Draft,
  { id, phase, task, role, hungTurns }: Instance,
): boolean {
  if (phase.name !== 'interrupting') return false
  const what = hangText(phase.hang, draft.at)
  const isRepeated = hungTurns > 1
  if (task === null && !traitsOf(role).mayPlan) draft.enterInstance(id, { name: 'ready' })
  else if (!isRepeated) sendPrompt(draft, id, 'hung', 'typed', { hang: phase.hang })
  else if (task === null) lose(draft, id, `${hungTurns} turns in a row hung; the last one: ${what}`)
  else {
    draft.enterInstance(id, { name: 'ready' }, { hungTurns: 0 })
    const question = `${hungTurns} turns of ${id} in a row hung; of the last one: ${what}`
    block(draft, task, id, question, 'given-up')
  }
  if (draft.instance(id).phase.name === 'ready') ensureCredentialApplied(draft, id)
  return true
}

/** The turn goes on in spite of the keys: only a restart ends it. */
export function failInterruption(draft: Draft, { id, phase }: Instance, reason: string): boolean {
  if (phase.name !== 'interrupting') return false
  lose(draft, id, `its turn hung and could not be interrupted: ${reason}`)
  return true
}
