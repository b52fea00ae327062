import type { Draft } from '../model/draft.ts'
import type { RunEvent } from '../model/event.ts'
import { addUsage } from '../model/ledger.ts'
import { applied, ignored, type Outcome } from '../model/outcome.ts'
import { finishEnding } from '../rules/manager.ts'
import { recordHeartbeat } from './instance-events.ts'

/** Applies what concerns the run as a whole: its usage and the steps of its end. */
export function applyRunEvent(draft: Draft, event: RunEvent): Outcome {
  switch (event.type) {
    case 'usage-counted': {
      const { instance, credential, usage } = event
      const { task } = draft.instance(instance)
      draft.set({ ledger: addUsage(draft.state.ledger, { task, instance, credential, usage }) })
      recordHeartbeat(draft, draft.instance(instance))
      return applied
    }
    case 'report-written': {
      const { phase } = draft.state.run
      if (phase.name !== 'finishing') return ignored('the run is not finishing')
      draft.setRun({ phase: { ...phase, isWritten: true, reason: null } })
      return applied
    }
    case 'everything-stopped':
      finishEnding(draft)
      return applied
  }
}
