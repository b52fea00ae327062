import type { Credential } from '../../../core/model/credential.ts'
import type { Instance } from '../../../core/model/instance.ts'
import type { State } from '../../../core/model/state.ts'
import { routes } from '../../contract/routes.ts'
import type { CurlOf } from './curl.ts'

/** What a human must do for one credential; null when nothing, or when it recovers by itself. */
export function credentialNeeds(
  { id, phase }: Pick<Credential, 'id' | 'phase'>,
  curl: CurlOf,
): string | null {
  switch (phase.name) {
    case 'rejected':
      return (
        `the provider refuses it: put a valid credential into the file ${id}, ` +
        'which takes effect at once'
      )
    case 'spent':
      return (
        `its credit or spending limit is used up: put another credential into the file ${id}, or ` +
        `add credit and enable it: ${curl(routes.enableCredential, { id })}`
      )
    case 'missing':
      return `its file is gone: put it back, or let the instances that hold it move`
    default:
      return null
  }
}

/** The whole pool may be out of use; so many credentials are enough to show the way. */
const mostNamed = 5

/**
 * What the run needs when an instance waits for a credential and none recovers by itself; else
 * null.
 */
export function poolHints({ credentials, instances }: State, curl: CurlOf): string | null {
  const pool = [...credentials.values()]
  const out = pool.filter(isOut)
  const isEmpty = out.length === pool.length
  const isWaitedFor = out.length > 0 && [...instances.values()].some(isWaiting)
  if (pool.some(({ phase }) => phase.name === 'cooling') || !(isEmpty || isWaitedFor)) return null
  const named = out
    .slice(0, mostNamed)
    .map((each) => `${each.id}: ${credentialNeeds(each, curl) ?? needOfDisabled(each, curl)}`)
  const more = out.length > mostNamed ? [`${out.length - mostNamed} more`] : []
  return [
    `no credential is left${isEmpty ? '' : ' for the instances that wait'}`,
    ...named,
    ...more,
    'the run has lost nothing and continues as soon as a credential is available',
  ].join(' ; ')
}

/** A person put it out of use, so it needs nothing as long as others are left. */
const needOfDisabled = ({ id }: Credential, curl: CurlOf): string =>
  `it is disabled; to enable it: ${curl(routes.enableCredential, { id })}`

const isOut = ({ phase }: Credential): boolean =>
  phase.name === 'rejected' || phase.name === 'spent' || phase.name === 'disabled'

const isWaiting = ({ phase, credential }: Instance): boolean =>
  credential === null &&
  (phase.name === 'absent' || (phase.name === 'rate-limited' && phase.wait === 'parked'))
