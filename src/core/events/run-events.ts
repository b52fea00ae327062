import type { Draft } from '../model/draft.ts'
import type { RunEvent } from '../model/event.ts'
import { addUsage } from '../model/ledger.ts'
import { applied, type Outcome } from '../model/outcome.ts'
import { endUnnamedLimits } from '../rules/credential-verdict.ts'
import { acceptRun, finishEnding, finishReport } from '../rules/ending.ts'
import { recordHeartbeat } from './heartbeats.ts'

/** Applies what concerns the run as a whole: its usage and the steps of its end. */
export function applyRunEvent(draft: Draft, event: RunEvent): Outcome {
  switch (event.type) {
    case 'usage-counted': {
      const { instance, credential, usage } = event
      const { task } = draft.instance(instance)
      draft.set({ ledger: addUsage(draft.state.ledger, { task, instance, credential, usage }) })
      endUnnamedLimits(draft, credential)
      recordHeartbeat(draft, draft.instance(instance))
      return applied
    }
    case 'report-written':
      return finishReport(draft)
    case 'run-accepted':
      return acceptRun(draft)
    case 'everything-stopped':
      finishEnding(draft)
      return applied
  }
}
