import { failureOf, type Line, type Sync } from '../../../core/model/line.ts'
import type { RunningCheck } from '../../../engine/observe/running-checks.ts'
import type { LineView, SyncView } from '../../contract/line.ts'
import { viewRunningCheck } from './running-check.ts'

/** `running`: the checks that run now, on any line. */
export const viewLine = (line: Line, running: readonly RunningCheck[]): LineView => ({
  id: line.id,
  repository: line.repository,
  branch: line.branch,
  head: line.head,
  lists: viewSync(line.lists),
  publish: viewSync(line.publish),
  upstream: viewSync(line.upstream),
  checks: {
    ...viewSync(line.checks),
    ...viewVerdict(line.base),
    running: running.filter((each) => each.line === line.id).map(viewRunningCheck),
  },
  rewrite:
    line.rewrite === null ? null : { before: line.rewrite.before, after: line.rewrite.after },
  conflict:
    line.conflict === null
      ? null
      : { task: line.conflict.task, commit: line.conflict.commit, paths: line.conflict.paths },
})

function viewVerdict(base: Line['base']) {
  const failure = base?.name === 'failed' ? base.failure : null
  return {
    verdict: base?.name ?? null,
    commit: base?.name === 'passed' ? base.commit : (failure?.commit ?? null),
    failure: failure && { command: failure.command, output: failure.output },
    accepted: base?.name === 'failed' && base.isAccepted,
  }
}

const publicSync: Record<Sync['name'], SyncView['phase']> = {
  current: 'current',
  outdated: 'owed',
  running: 'running',
  failed: 'failed',
}

function viewSync(sync: Sync): SyncView {
  const { reason, tries } = failureOf(sync) ?? { reason: null, tries: 0 }
  return {
    phase: publicSync[sync.name],
    reason,
    tries: sync.name === 'running' ? sync.tries : tries,
  }
}
