import { CredentialId } from '../../src/core/model/ids.ts'
import type { Policy } from '../../src/core/model/policy.ts'
import type { ModelError } from '../../src/core/model/model-error.ts'
import { one, planned, Run, two } from './run.ts'

export const minutes = 60_000
export const quota = (until: number): ModelError => ({ kind: 'quota', window: 'five-hour', until })

/** Two workers, each working on a task; `spare` credentials beyond the three that are leased. */
export const working = (spare: number, policy: Partial<Policy> = {}) =>
  new Run({ workerCount: 2, ...policy }, 3 + spare)
    .planned([planned('a'), planned('b')])
    .confirmed(one)
    .confirmed(two)

export const fail = (run: Run, modelError: ModelError, instance = one) =>
  run.when({
    type: 'turn-failed',
    modelError,
    message: 'said so',
    inSubagent: false,
    ...run.from(instance),
  })

export const replaced = (run: Run, instance = one) => {
  const { credential } = run.instance(instance)
  if (credential === null) throw new Error(`${instance} holds no credential`)
  return run.when({ type: 'credential-replaced', credential, ...run.from(instance) })
}

export const held = (run: Run, instance = one): CredentialId =>
  run.instance(instance).credential ?? CredentialId('none')
export const phaseOf = (run: Run, id: CredentialId) => run.state.credentials.get(id)?.phase
