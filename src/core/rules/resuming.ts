import { restartDeadline } from '../entities/clock-skew.ts'
import type { Draft } from '../model/draft.ts'
import { type Instance, isRunning } from '../model/instance.ts'
import { applyCredential, issuePlacement, useCredential } from './credential-placement.ts'
import { issueInterruption } from './hung-turns.ts'
import { stopInstance } from './stopping.ts'

/**
 * After a restart of the server no command is under way: issues again the commands that the phases
 * wait for, and restarts their deadlines.
 */
export function resumeInstances(draft: Draft): void {
  for (const instance of draft.state.instances.values()) {
    const { id, phase, launch, credential, conversation } = instance
    if (isRunning(phase)) resumeRotation(draft, instance)
    if (phase.name === 'stopping') stopInstance(draft, id)
    if (phase.name === 'interrupting') issueInterruption(draft, instance)
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

/**
 * A credential on its way is placed again, also when another one is leased by now: its first
 * placement may have happened, and that read must not count for the other one.
 */
function resumeRotation(draft: Draft, { id, rotation, credential }: Instance): void {
  if (rotation !== null && draft.state.policy.credentials === 'gateway')
    return useCredential(draft, id, credential ?? rotation.credential)
  if (rotation !== null) issuePlacement(draft, id, rotation.credential)
  else if (credential !== null) applyCredential(draft, id, credential)
}
