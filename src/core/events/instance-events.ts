import { isTrusted, verdictFromReport } from '../rules/credential-trust.ts'
import type { Draft } from '../model/draft.ts'
import type { InstanceEvent } from '../model/event.ts'
import {
  withdrawCredential,
  ensureCredentialApplied,
  onModelError,
  verdictOn,
} from '../rules/credential-rotation.ts'
import {
  beginTurn,
  containsPrompt,
  loseWithoutBlame,
  lose,
  recordPromptObstacle,
  sendPrompt,
} from '../rules/lifecycle.ts'
import type { InstanceId } from '../model/ids.ts'
import type { Instance, Prompt } from '../model/instance.ts'
import { finishStop } from '../rules/stopping.ts'
import { block } from '../entities/task.ts'
import type { ModelError } from '../model/model-error.ts'

type Of<Type extends InstanceEvent['type']> = Extract<InstanceEvent, { type: Type }>

/** Takes in what an instance did; answers why that changes nothing, or null. The launch has been checked. */
export function applyInstanceEvent(draft: Draft, fact: InstanceEvent): string | null {
  const instance = draft.instance(fact.instance)
  switch (fact.type) {
    case 'instance-started':
      return instance.phase.name === 'starting' ? null : notNow(instance)
    case 'instance-lost':
      return loseInstance(draft, instance, fact)
    case 'instance-stopped':
      return finishStop(draft, instance) ? null : notNow(instance)
    case 'session-started':
      return startSession(draft, instance, fact)
    case 'tools-listed':
      if (instance.phase.name !== 'starting') return notNow(instance)
      markReadyIfComplete(draft, instance, { hasTools: true })
      return null
    case 'prompt-confirmed':
      return confirmPrompt(draft, instance, fact)
    case 'prompt-not-sent':
      return onPromptNotSent(draft, instance, fact)
    case 'sign-of-life':
    case 'settings-read':
      return recordHeartbeat(draft, instance)
    case 'turn-ended':
      return endTurn(draft, instance, fact)
    case 'instance-idle':
      return endTurn(draft, instance, { backgroundTasks: 0, lastMessage: '', isAnswerable: false })
    case 'instance-waiting':
      if (instance.phase.name !== 'working') return notNow(instance)
      draft.issue({ type: 'look-at-instance', instance: instance.id, launch: instance.launch })
      return null
    case 'turn-failed':
      return failTurn(draft, instance, fact)
  }
}

const notNow = ({ id, phase }: Instance): string => `${id} is ${phase.name}`

function loseInstance(
  draft: Draft,
  instance: Instance,
  { cause, blame }: Of<'instance-lost'>,
): string | null {
  const { name } = instance.phase
  const isExpected =
    name === 'absent' ||
    name === 'resting' ||
    name === 'quarantined' ||
    name === 'stopping' ||
    name === 'stopped'
  if (isExpected) return notNow(instance)
  if (blame === undefined) lose(draft, instance.id, cause)
  else loseWithoutBlame(draft, instance.id, cause)
  return null
}

function startSession(
  draft: Draft,
  instance: Instance,
  { source }: Of<'session-started'>,
): string | null {
  const conversation = source === 'startup' || source === 'clear' ? 'blank' : 'used'
  markReadyIfComplete(draft, draft.setInstance(instance.id, { conversation }), { hasSession: true })
  return null
}

/** One of the two things that a starting instance needs has come; with both it is ready. */
function markReadyIfComplete(
  draft: Draft,
  { id, phase }: Instance,
  news: { readonly hasSession?: true; readonly hasTools?: true },
): void {
  if (phase.name !== 'starting') return
  const next = { ...phase, ...news }
  if (next.hasSession && next.hasTools) {
    draft.enterInstance(id, { name: 'ready' })
    ensureCredentialApplied(draft, id)
  } else draft.setInstance(id, { phase: next })
}

function confirmPrompt(
  draft: Draft,
  instance: Instance,
  { text }: Of<'prompt-confirmed'>,
): string | null {
  const { id, phase, task } = instance
  switch (phase.name) {
    case 'prompted':
      if (!containsPrompt(text, phase.prompt))
        return `somebody else's prompt; ${phase.prompt.id} is still on its way`
      confirmDelivery(draft, instance, phase.prompt)
      return null
    case 'ready':
    case 'limited':
      beginTurn(draft, id, {
        id: 'foreign',
        purpose: task === null ? 'foreign' : 'resume',
        text,
        way: 'typed',
      })
      return null
    case 'working':
      return recordHeartbeat(draft, instance)
    default:
      return notNow(instance)
  }
}

/** The prompt has arrived: the turn begins, and with it the work on a task that was only assigned. */
function confirmDelivery(draft: Draft, { id, task }: Instance, sent: Prompt): void {
  beginTurn(draft, id, sent)
  if (task !== null && draft.task(task).phase.name === 'assigned')
    draft.enterTask(task, { name: 'working', instance: id, reminders: 0 })
}

function onPromptNotSent(
  draft: Draft,
  instance: Instance,
  fact: Of<'prompt-not-sent'>,
): string | null {
  const { phase } = instance
  if (phase.name !== 'prompted' || phase.prompt.id !== fact.prompt) return notNow(instance)
  // It is at work: our prompt reached it in the answer of its Stop hook, or somebody else's turn has to end first.
  if (fact.obstacle === 'busy') confirmDelivery(draft, instance, phase.prompt)
  else if (fact.isHopeless) lose(draft, instance.id, `its terminal shows ${fact.obstacle}`)
  else recordPromptObstacle(draft, instance.id, fact.obstacle)
  return null
}

/** Anything that an instance does proves an answered prompt, which no UserPromptSubmit hook announces. */
export function recordHeartbeat(draft: Draft, instance: Instance): string | null {
  const { id, phase } = instance
  if (phase.name === 'prompted' && phase.prompt.way === 'answered')
    confirmDelivery(draft, instance, phase.prompt)
  else if (phase.name === 'working')
    draft.setInstance(id, { phase: { ...phase, heard: draft.at, looks: 0 } })
  else return notNow(instance)
  return null
}

function endTurn(
  draft: Draft,
  instance: Instance,
  end: Pick<Of<'turn-ended'>, 'backgroundTasks' | 'lastMessage' | 'isAnswerable'>,
): string | null {
  const ignored = recordHeartbeat(draft, instance)
  if (ignored !== null) return ignored
  if (end.backgroundTasks > 0) return null
  const turnsWithoutTools = instance.turnsWithoutTools + 1
  const { id, task } = draft.setInstance(instance.id, {
    isCredentialUnproved: false,
    turnsWithoutTools,
  })
  draft.enterInstance(id, { name: 'ready' })
  ensureCredentialApplied(draft, id)
  const phase = task === null ? null : draft.task(task).phase
  if (task === null || phase?.name !== 'working') return null
  // The process that carries the tools is not started again within a conversation when something has killed it.
  if (turnsWithoutTools > draft.state.rules.reminders + 1) {
    lose(draft, id, `it called none of its tools in ${turnsWithoutTools} turns`)
    return null
  }
  if (phase.reminders >= draft.state.rules.reminders) {
    const said =
      end.lastMessage.trim() === '' ? '' : ` It said last: ${end.lastMessage.trim().slice(0, 500)}`
    block(draft, task, id, `${id} stopped ${phase.reminders + 1} times without a report.${said}`)
    return null
  }
  draft.setTask(task, { phase: { ...phase, reminders: phase.reminders + 1 } })
  // An answer to the Stop goes on with the tools that the turn began with. If that is what it lacks, only a new turn helps.
  const way = end.isAnswerable && phase.reminders === 0 ? 'answered' : 'typed'
  sendPrompt(draft, id, 'reminder', way, phase.reminders + 1)
  return null
}

/** The model could not be reached or refused: the turn is over, and what it was about is taken up again. */
function failTurn(
  draft: Draft,
  instance: Instance,
  { trouble, message, inSubagent }: Of<'turn-failed'>,
): string | null {
  const { id, phase } = instance
  if (phase.name !== 'working' && phase.name !== 'prompted') return notNow(instance)
  const reason = message === '' ? trouble.kind : `${trouble.kind}: ${message}`
  if (!inSubagent) onModelError(draft, id, trouble, reason)
  else onSubagentError(draft, id, trouble, reason)
  return null
}

/** A subagent's limit is the credential's, but not the end of the turn. */
function onSubagentError(draft: Draft, id: InstanceId, trouble: ModelError, reason: string): void {
  recordHeartbeat(draft, draft.instance(id))
  const { credentialInUse } = draft.instance(id)
  const verdict = verdictOn(draft, trouble, reason)
  if (verdict === null || credentialInUse === null || !draft.state.credentials.has(credentialInUse))
    return
  if (isTrusted(draft, id, credentialInUse))
    withdrawCredential(
      draft,
      credentialInUse,
      verdictFromReport(id, draft, credentialInUse, verdict),
    )
}
