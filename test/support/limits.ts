import { CredentialId } from '../../src/core/model/ids.ts'
import type { Policy } from '../../src/core/model/policy.ts'
import type { ModelError } from '../../src/core/model/model-error.ts'
import { manager, one, planned, Run, two } from './run.ts'

export const minutes = 60_000
export const quota = (until: number): ModelError => ({ kind: 'quota', window: 'five-hour', until })

/** Two workers, each working on a task; `spare` credentials beyond the three that are leased. */
export const working = (spare: number, policy: Partial<Policy> = {}) =>
  new Run({ workerCount: 2, ...policy }, 3 + spare)
    .planned([planned('a'), planned('b')])
    .confirmed(one)
    .confirmed(two)

/** A person talks to the Manager, which so keeps its credential. */
export const withBusyManager = (run: Run): Run =>
  run.when({ type: 'prompt-confirmed', text: 'a human asks something', ...run.from(manager) })

export const fail = (run: Run, modelError: ModelError, instance = one) =>
  run.when({
    type: 'turn-failed',
    modelError,
    message: 'said so',
    inSubagent: false,
    ...run.from(instance),
  })

/** The instance gets the credential that is on its way to it. */
export const placed = (run: Run, instance = one) => {
  const { rotation } = run.instance(instance)
  if (rotation === null) throw new Error(`no credential is on its way to ${instance}`)
  const { credential } = rotation
  return run.when({ type: 'credential-placed', credential, ...run.from(instance) })
}

export const settingsRead = (run: Run, instance = one) =>
  run.when({ type: 'settings-read', ...run.from(instance) })

/** Claude Code uses the credential that was on its way to it. */
export const replaced = (run: Run, instance = one) => settingsRead(placed(run, instance), instance)

export const held = (run: Run, instance = one): CredentialId =>
  run.instance(instance).credential ?? CredentialId('none')
export const phaseOf = (run: Run, id: CredentialId) => run.state.credentials.get(id)?.phase
