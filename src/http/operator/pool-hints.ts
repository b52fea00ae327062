import type { Credential, CredentialPhase } from '../../core/model/credential.ts'
import type { Instance } from '../../core/model/instance.ts'
import type { State } from '../../core/model/state.ts'

/** What a human must do for one credential; null when nothing, or when it comes back by itself. */
export function credentialNeeds(id: string, phase: CredentialPhase): string | null {
  switch (phase.name) {
    case 'rejected':
      return `the provider refuses it: put a valid credential into the file ${id}, it is read at once`
    case 'spent':
      return `its credit or spending limit is used up: add to it, then POST /api/v1/credentials/${id}/enable, or put another one into the file ${id}`
    case 'missing':
      return `its file is gone: put it back, or let those who hold it move`
    default:
      return null
  }
}

/** The whole pool may be out of use; one sentence shows the way. */
const mostNamed = 5

/** What the run needs when somebody waits for a credential and none comes back by itself; null otherwise. */
export function poolHints({ credentials, instances }: State): string | null {
  const pool = [...credentials.values()]
  const isOver = pool.every((credential) => isOut(credential))
  const isWaitedFor =
    [...instances.values()].some(isStarving) && pool.some((credential) => isOut(credential))
  if (pool.some(({ phase }) => phase.name === 'cooling') || !(isOver || isWaitedFor)) return null
  const wanting = pool.filter((credential) => isOut(credential))
  const told = wanting
    .slice(0, mostNamed)
    .map(({ id, phase }) => `${id}: ${credentialNeeds(id, phase) ?? `it is ${phase.name}`}`)
  const more = wanting.length > mostNamed ? [`${wanting.length - mostNamed} more`] : []
  return [
    `no credential is left${isOver ? '' : ' for those who wait'}`,
    ...told,
    ...more,
    'the run has lost nothing and goes on as soon as one is good again',
  ].join('; ')
}

const isOut = ({ phase }: Credential): boolean =>
  phase.name === 'rejected' || phase.name === 'spent' || phase.name === 'disabled'

const isStarving = ({ phase, credential }: Instance): boolean =>
  credential === null &&
  (phase.name === 'absent' || (phase.name === 'limited' && phase.wait === 'park'))
