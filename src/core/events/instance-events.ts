import { applied, ignored, type Outcome } from '../model/outcome.ts'
import type { Draft } from '../model/draft.ts'
import type { InstanceEvent } from '../model/event.ts'
import { failTurn } from './failed-turns.ts'
import { confirmDelivery, recordHeartbeat } from './heartbeats.ts'
import { noteSettingsRead } from '../rules/credential-placement.ts'
import { ensureCredentialApplied } from '../rules/credential-rotation.ts'
import { finishInterruption, noteBusy } from '../rules/hung-turns.ts'
import { noteOutdated } from '../rules/upgrades.ts'
import { lose, restartWithoutPenalty } from '../rules/lifecycle.ts'
import {
  beginTurn,
  containsPrompt,
  continuePrompt,
  noteClearTyped,
  recordPromptObstacle,
  sendPrompt,
} from '../rules/prompting.ts'
import { noteProgress } from '../rules/starts.ts'
import type { Instance } from '../model/instance.ts'
import { finishStop } from '../rules/stopping.ts'
import { block } from '../entities/task.ts'

type Of<Type extends InstanceEvent['type']> = Extract<InstanceEvent, { type: Type }>

/** Applies what an instance did; the launch is the current one. */
export function applyInstanceEvent(draft: Draft, event: InstanceEvent): Outcome {
  const instance = draft.instance(event.instance)
  switch (event.type) {
    case 'instance-started':
      return instance.phase.name === 'starting' ? applied : notNow(instance)
    case 'workspace-progressed':
      return noteProgress(draft, instance) ? applied : notNow(instance)
    case 'instance-lost':
      return loseInstance(draft, instance, event)
    case 'instance-stopped':
      return finishStop(draft, instance) ? applied : notNow(instance)
    case 'session-started':
      return startSession(draft, instance, event)
    case 'tools-listed':
      if (instance.phase.name !== 'starting') return notNow(instance)
      markReadyIfComplete(draft, instance, { hasTools: true })
      return applied
    case 'prompt-confirmed':
      return confirmPrompt(draft, instance, event)
    case 'prompt-not-sent':
      return onPromptNotSent(draft, instance, event)
    case 'clear-typed':
      return noteClearTyped(draft, event.instance, event) ? applied : notNow(instance)
    case 'sign-of-life':
      return recordHeartbeat(draft, instance)
    case 'settings-read':
      return readSettings(draft, instance)
    case 'turn-ended':
      return endTurn(draft, instance, event)
    case 'instance-idle':
      return endTurn(draft, instance, { backgroundTasks: 0, lastMessage: '', isAnswerable: false })
    case 'instance-waiting':
      if (instance.phase.name !== 'working') return notNow(instance)
      draft.issue({ type: 'probe-instance', instance: instance.id, launch: instance.launch })
      return applied
    case 'instance-busy':
      return noteBusy(draft, instance, event.tool) ? applied : notNow(instance)
    case 'turn-interrupted':
      return finishInterruption(draft, instance) ? applied : notNow(instance)
    case 'instance-outdated':
      return noteOutdated(draft, instance, event) ? applied : notNow(instance)
    case 'turn-failed':
      return failTurn(draft, instance, event)
  }
}

const notNow = ({ id, phase }: Instance): Outcome => ignored(`${id} is ${phase.name}`)

function loseInstance(
  draft: Draft,
  instance: Instance,
  { cause, blame }: Of<'instance-lost'>,
): Outcome {
  const { name } = instance.phase
  const isExpected =
    name === 'absent' ||
    name === 'queued' ||
    name === 'backing-off' ||
    name === 'quarantined' ||
    name === 'stopping' ||
    name === 'stopped'
  if (isExpected) return notNow(instance)
  if (blame === undefined) lose(draft, instance.id, cause)
  else restartWithoutPenalty(draft, instance.id, cause)
  return applied
}

function startSession(
  draft: Draft,
  instance: Instance,
  { source }: Of<'session-started'>,
): Outcome {
  const conversation = source === 'startup' || source === 'clear' ? 'blank' : 'used'
  markReadyIfComplete(draft, draft.setInstance(instance.id, { conversation }), { hasSession: true })
  if (source === 'clear') continuePrompt(draft, instance.id, 'clear')
  return applied
}

/** A starting instance is ready once it has both its session and its tools. */
function markReadyIfComplete(
  draft: Draft,
  { id, phase }: Instance,
  change: { readonly hasSession?: true; readonly hasTools?: true },
): void {
  if (phase.name !== 'starting') return
  const next = { ...phase, ...change }
  if (next.hasSession && next.hasTools) {
    draft.enterInstance(id, { name: 'ready' })
    ensureCredentialApplied(draft, id)
  } else draft.setInstance(id, { phase: next })
}

function confirmPrompt(
  draft: Draft,
  instance: Instance,
  { text }: Of<'prompt-confirmed'>,
): Outcome {
  const { id, phase, task } = instance
  switch (phase.name) {
    case 'prompted':
      if (!containsPrompt(text, phase.prompt))
        return ignored(`another prompt than ${phase.prompt.id}, which is still on its way`)
      confirmDelivery(draft, instance, phase.prompt)
      return applied
    case 'ready':
    case 'rate-limited':
      beginTurn(draft, id, {
        id: 'foreign',
        purpose: task === null ? 'foreign' : 'resume',
        text,
        way: 'typed',
      })
      return applied
    case 'working':
      return recordHeartbeat(draft, instance)
    default:
      return notNow(instance)
  }
}

function onPromptNotSent(draft: Draft, instance: Instance, event: Of<'prompt-not-sent'>): Outcome {
  const { phase } = instance
  if (phase.name !== 'prompted' || phase.prompt.id !== event.prompt) return notNow(instance)
  // It is busy: the answer to its Stop hook delivered the prompt, or another turn must end first.
  if (event.obstacle === 'busy') confirmDelivery(draft, instance, phase.prompt)
  else if (event.isHopeless) lose(draft, instance.id, `its terminal shows ${event.obstacle}`)
  else recordPromptObstacle(draft, instance.id, event.obstacle)
  return applied
}

/** It also shows that the instance is alive. */
function readSettings(draft: Draft, instance: Instance): Outcome {
  const heartbeat = recordHeartbeat(draft, instance)
  return noteSettingsRead(draft, instance.id) ? applied : heartbeat
}

function endTurn(
  draft: Draft,
  instance: Instance,
  end: Pick<Of<'turn-ended'>, 'backgroundTasks' | 'lastMessage' | 'isAnswerable'>,
): Outcome {
  const heartbeat = recordHeartbeat(draft, instance)
  if (heartbeat.isIgnored) return heartbeat
  if (end.backgroundTasks > 0) return applied
  const turnsWithoutTools = instance.turnsWithoutTools + 1
  const { id, task } = draft.setInstance(instance.id, {
    isCredentialUnproved: false,
    turnsWithoutTools,
    hungTurns: 0,
  })
  draft.enterInstance(id, { name: 'ready' })
  ensureCredentialApplied(draft, id)
  const phase = task === null ? null : draft.task(task).phase
  if (task === null || phase?.name !== 'working') return applied
  // Claude Code does not restart a killed tool process within a conversation.
  if (turnsWithoutTools > draft.state.policy.reminders + 1) {
    lose(draft, id, `it called none of its tools in ${turnsWithoutTools} turns`)
    return applied
  }
  if (phase.reminders >= draft.state.policy.reminders) {
    const last = end.lastMessage.trim().slice(0, 500)
    const said = last === '' ? '' : ` It said last: ${last}`
    const what = `${id} stopped ${phase.reminders + 1} times without a report.${said}`
    block(draft, task, id, what, 'given-up')
    return applied
  }
  draft.setTask(task, { phase: { ...phase, reminders: phase.reminders + 1 } })
  // A turn keeps the tools that it began with. If they are missing, only a new turn gets them.
  const way = end.isAnswerable && phase.reminders === 0 ? 'answered' : 'typed'
  sendPrompt(draft, id, 'reminder', way, { count: phase.reminders + 1 })
  return applied
}
