import type { Draft } from '../model/draft.ts'
import type { InstanceEvent } from '../model/event.ts'
import type { InstanceId } from '../model/ids.ts'
import type { Instance } from '../model/instance.ts'
import type { ModelError } from '../model/model-error.ts'
import { applied, ignored, type Outcome } from '../model/outcome.ts'
import { isTrusted, verdictFromReport } from '../rules/credential-trust.ts'
import { onModelError, verdictOn, withdrawCredential } from '../rules/credential-verdict.ts'
import { recordHeartbeat } from './heartbeats.ts'

/** The model refused or could not be reached: the turn is over and its work is resumed. */
export function failTurn(
  draft: Draft,
  instance: Instance,
  { modelError, message, inSubagent }: Extract<InstanceEvent, { type: 'turn-failed' }>,
): Outcome {
  const { id, phase } = instance
  if (phase.name !== 'working' && phase.name !== 'prompted')
    return ignored(`${id} is ${phase.name}`)
  const reason = message === '' ? modelError.kind : `${modelError.kind}: ${message}`
  if (!inSubagent) onModelError(draft, id, modelError, reason)
  else onSubagentError(draft, id, modelError, reason)
  return applied
}

/** A limit that a subagent hits concerns the credential; the turn goes on. */
function onSubagentError(
  draft: Draft,
  id: InstanceId,
  modelError: ModelError,
  reason: string,
): void {
  recordHeartbeat(draft, draft.instance(id))
  const { credentialInUse } = draft.instance(id)
  const verdict = verdictOn(draft, modelError, reason)
  if (verdict === null || credentialInUse === null || !draft.state.credentials.has(credentialInUse))
    return
  if (isTrusted(draft, id, credentialInUse))
    withdrawCredential(
      draft,
      credentialInUse,
      verdictFromReport(id, draft, credentialInUse, verdict),
    )
}
