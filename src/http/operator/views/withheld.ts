import { withRoomFor } from '../../../core/entities/credential-leases.ts'
import type { Instance } from '../../../core/model/instance.ts'
import type { State } from '../../../core/model/state.ts'
import { routes } from '../../contract/routes.ts'
import type { CurlOf } from './curl.ts'

/**
 * What a person must do for an instance that waits although a credential has room; null when that
 * is not so. It may not be given one that it has not had yet, for its own reports led to so many.
 */
export function needOfWithheld(state: State, instance: Instance, curl: CurlOf): string | null {
  if (!isWaiting(instance) || withRoomFor(state, instance.id).length === 0) return null
  const { id } = instance
  const given = [...state.credentials.values()].filter(({ disclosures }) =>
    disclosures.some((each) => each.instance === id),
  )
  return (
    `${id} was given ${given.length} credentials (${given.map((each) => each.id).join(', ')}) and ` +
    'says that it can use none of them. As it could read each, it gets no other one until one of ' +
    'these can be used again, or a day has passed. If what it says is right, let it have others: ' +
    curl(routes.allowCredentials, { id })
  )
}

/** With a credential that it may have, it would not wait. */
const isWaiting = ({ credential, phase }: Instance): boolean =>
  credential === null &&
  (phase.name === 'absent' ||
    phase.name === 'ready' ||
    (phase.name === 'rate-limited' && phase.wait === 'parked'))
