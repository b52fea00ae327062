import { releaseCredential } from '../entities/credential-leases.ts'
import { endAttempt } from '../entities/task.ts'
import type { Draft } from '../model/draft.ts'
import type { InstanceId } from '../model/ids.ts'
import { teamOf } from '../model/roles.ts'
import { saveBeforeReturn, stopInstance } from './stopping.ts'

/** Adds, brings back or dismisses instances so that they match the configured team. */
export function adoptTeam(draft: Draft): void {
  const team = teamOf(draft.state.policy)
  for (const member of team) {
    const known = draft.state.instances.get(member.id)
    const isDismissed =
      known?.phase.name === 'stopped' ||
      known?.phase.name === 'stopping' ||
      known?.phase.name === 'quarantined'
    if (!known)
      draft.addInstance({ ...blank, ...member, phase: { name: 'absent', since: draft.at } })
    else if (isDismissed) {
      const { launch, sequence, conversation, task, isCredentialTaken } = known
      saveBeforeReturn(draft, known)
      // It may still hold a task: its work was not saved yet.
      const kept = { launch, sequence, conversation, task, isCredentialTaken }
      draft.enterInstance(known.id, { name: 'absent' }, { ...blank, ...member, ...kept })
    }
  }
  for (const { id, phase } of draft.state.instances.values()) {
    const isLeaving = phase.name === 'stopping' || phase.name === 'stopped'
    if (!isLeaving && !team.some((member) => member.id === id)) dismiss(draft, id)
  }
}

const blank = {
  launch: 0,
  task: null,
  credential: null,
  isCredentialTaken: false,
  credentialInUse: null,
  rotation: null,
  isCredentialUnproved: false,
  turnsWithoutTools: 0,
  hungTurns: 0,
  outdated: null,
  failures: [],
  pauses: [],
  sequence: 0,
  prompts: 0,
  conversation: 'none',
} as const

function dismiss(draft: Draft, id: InstanceId): void {
  const { task } = draft.instance(id)
  releaseCredential(draft, id, true)
  if (task !== null) endAttempt(draft, task, 'lost')
  stopInstance(draft, id)
}
