import { backOffMs } from '../model/back-off.ts'
import { saveWork } from '../entities/backup.ts'
import { restartDeadline } from '../entities/clock-skew.ts'
import { leaseCredential, releaseCredential } from '../entities/credential-leases.ts'
import {
  isRunning,
  type Instance,
  type InstancePhase,
  type Prompt,
  type PromptPurpose,
} from '../model/instance.ts'
import type { Draft } from '../model/draft.ts'
import type { InstanceId } from '../model/ids.ts'
import { teamOf, traitsOf } from '../model/roles.ts'
import { stopInstance, stopQuarantined } from './stopping.ts'
import { block, endAttempt, lostAttemptsOf } from '../entities/task.ts'
import { header, promptLine } from '../text/prompts.ts'

/** Brings the instances in line with the team that the rules ask for. */
export function adoptTeam(draft: Draft): void {
  const team = teamOf(draft.state.rules)
  for (const member of team) {
    const known = draft.state.instances.get(member.id)
    const isDismissed =
      known?.phase.name === 'stopped' ||
      known?.phase.name === 'stopping' ||
      known?.phase.name === 'quarantined'
    if (!known)
      draft.addInstance({ ...blank, ...member, phase: { name: 'absent', since: draft.at } })
    else if (isDismissed) {
      const { launch, sequence, conversation, task } = known
      // It may still hold a task whose work was being saved when the server ended.
      const kept = { launch, sequence, conversation, task }
      draft.enterInstance(known.id, { name: 'absent' }, { ...blank, ...member, ...kept })
    }
  }
  for (const { id, phase } of draft.state.instances.values()) {
    const isLeaving = phase.name === 'stopping' || phase.name === 'stopped'
    if (!isLeaving && !team.some((member) => member.id === id)) dismiss(draft, id)
  }
}

/** After a restart nobody remembers what was asked: what a phase waits for is asked again, with its deadline starting now. */
export function resumeInstances(draft: Draft): void {
  for (const {
    id,
    phase,
    launch,
    credential,
    credentialInUse,
    conversation,
  } of draft.state.instances.values()) {
    if (isRunning(phase) && credential !== null && credential !== credentialInUse) {
      draft.issue({ type: 'replace-credential', instance: id, launch, credential })
    }
    if (phase.name === 'stopping') stopInstance(draft, id)
    if (phase.name === 'starting' && credential !== null) {
      draft.issue({
        type: 'start-instance',
        instance: id,
        launch,
        credential,
        resume: conversation === 'used',
      })
    }
    restartDeadline(draft, draft.instance(id))
  }
}

const blank = {
  launch: 0,
  task: null,
  credential: null,
  credentialInUse: null,
  isCredentialUnproved: false,
  turnsWithoutTools: 0,
  failures: [],
  troubles: [],
  sequence: 0,
  prompts: 0,
  conversation: 'none',
} as const

/** Starts the next launch, or leaves the instance waiting for a credential. */
export function start(draft: Draft, id: InstanceId): void {
  const credential = leaseCredential(draft, id)
  if (credential === null) {
    if (draft.instance(id).phase.name !== 'absent') draft.enterInstance(id, { name: 'absent' })
    return
  }
  const { launch, conversation } = draft.instance(id)
  const next = draft.enterInstance(
    id,
    { name: 'starting', hasSession: false, hasTools: false, wasLookedAt: false },
    {
      launch: launch + 1,
      sequence: 0,
      credentialInUse: credential,
      isCredentialUnproved: false,
      turnsWithoutTools: 0,
    },
  )
  draft.issue({
    type: 'start-instance',
    instance: id,
    launch: next.launch,
    credential,
    resume: conversation === 'used',
  })
}

/** The instance is gone or useless: it rests and is started anew, or is taken out of service when it fails too often. */
export function lose(draft: Draft, id: InstanceId, cause: string): void {
  const { rules } = draft.state
  const { failures: past, task, phase } = draft.instance(id)
  const failures = [...past.filter((at) => at > draft.at - rules.quarantineWindowMs), draft.at]
  if (task !== null) {
    endAttempt(draft, task, 'lost')
    const losses = lostAttemptsOf(draft.task(task))
    if (losses < rules.losses) saveWork(draft, id, task, cause)
    else
      block(draft, task, id, `${losses} workers in a row were lost over it, last because: ${cause}`)
  }
  notifyManagerOfInterruption(draft, id, phase)
  if (failures.length >= rules.quarantineFailures) {
    // By then every one of these failures is forgotten, and whatever caused them may have been mended.
    const until = draft.at + rules.quarantineWindowMs
    draft.enterInstance(id, { name: 'quarantined', reason: cause, until, stop: null }, { failures })
    releaseCredential(draft, id)
    return stopQuarantined(draft, id)
  }
  draft.enterInstance(
    id,
    { name: 'resting', reason: cause, until: draft.at + backOffMs(failures.length, rules) },
    { failures },
  )
}

/** Lost for a reason that is not its own, as when the engine was away: neither a failure of it nor an attempt at its task. */
export function loseWithoutBlame(draft: Draft, id: InstanceId, cause: string): void {
  const { rules } = draft.state
  const { troubles: past, task, phase } = draft.instance(id)
  const troubles = [...past.filter((at) => at > draft.at - rules.quarantineWindowMs), draft.at]
  if (task !== null) saveWork(draft, id, task, cause)
  notifyManagerOfInterruption(draft, id, phase)
  draft.enterInstance(
    id,
    { name: 'resting', reason: cause, until: draft.at + backOffMs(troubles.length, rules) },
    { troubles },
  )
}

function notifyManagerOfInterruption(draft: Draft, id: InstanceId, { name }: InstancePhase): void {
  const isInTurn = name === 'prompted' || name === 'working' || name === 'limited'
  if (!traitsOf(draft.instance(id).role).mayPlan || !isInTurn) return
  const { phase } = draft.state.run
  if (phase.name === 'executing') draft.notifyManager({ type: 'interrupted' })
  // A turn that was cut off is none that ended without a plan.
  if (phase.name === 'planning')
    draft.setRun({ phase: { ...phase, asked: Math.max(0, phase.asked - 1) } })
}

export function dismiss(draft: Draft, id: InstanceId): void {
  const { task } = draft.instance(id)
  if (task !== null) {
    endAttempt(draft, task, 'lost')
    saveWork(draft, id, task, 'the worker is dismissed')
  }
  releaseCredential(draft, id)
  stopInstance(draft, id)
}

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
