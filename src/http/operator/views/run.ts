import { budgetVerdict } from '../../../core/model/ledger.ts'
import type { RunPhase, Sync } from '../../../core/model/run.ts'
import type { State } from '../../../core/model/state.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import type { RunView, SyncView } from '../../contract/run.ts'
import { poolHints } from './pool-hints.ts'

/** `outage`: why the server cannot reach its instances, with the remedy; null when it can. */
export function viewRun(state: State, outage: string | null): RunView {
  const { id, phase, head, lists, publish, upstream } = state.run
  return {
    id,
    phase: publicPhase[phase.name],
    since: isoTime(phase.since),
    reason: phase.name === 'failed' ? phase.reason : null,
    head,
    lists: viewSync(lists),
    publish: viewSync(publish),
    upstream: viewSync(upstream),
    report: 'report' in phase ? phase.report : null,
    needs: outage ?? needsOf(state),
  }
}

const publicPhase: Record<RunPhase['name'], RunView['phase']> = {
  planning: 'planning',
  'awaiting-approval': 'awaiting-approval',
  executing: 'executing',
  finishing: 'finishing',
  done: 'done',
  failed: 'failed',
}

const publicSync: Record<Sync['name'], SyncView['phase']> = {
  current: 'current',
  outdated: 'owed',
  running: 'running',
  failed: 'failed',
}

const viewSync = (sync: Sync): SyncView => ({
  phase: publicSync[sync.name],
  reason: sync.name === 'failed' ? sync.reason : null,
  tries: 'tries' in sync ? sync.tries : 0,
})

/** The most pressing need first; only one is shown. */
function needsOf(state: State): string | null {
  const { run, merges, ledger, policy } = state
  if (budgetVerdict(ledger, policy.budget, null) === 'exceeded')
    return (
      'the budget of the run is used up, so no new task is started: ' +
      'raise budget.perRun and restart the server, or let the run end here'
    )
  if (run.phase.name === 'failed') return run.phase.reason
  const hints = poolHints(state)
  if (hints !== null) return hints
  if (run.phase.name === 'awaiting-approval')
    return 'the plan waits for your approval: POST /api/v1/plan/approve'
  const stuck = [run.upstream, run.publish, run.lists, merges[0]?.phase].find(
    (each) => each?.name === 'failed',
  )
  return stuck?.name === 'failed' ? stuck.reason : null
}
