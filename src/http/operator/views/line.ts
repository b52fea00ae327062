import type { Line, Sync } from '../../../core/model/line.ts'
import type { LineView, SyncView } from '../../contract/line.ts'

export const viewLine = (line: Line): LineView => ({
  id: line.id,
  repository: line.repository,
  branch: line.branch,
  head: line.head,
  lists: viewSync(line.lists),
  publish: viewSync(line.publish),
  upstream: viewSync(line.upstream),
  rewrite:
    line.rewrite === null ? null : { before: line.rewrite.before, after: line.rewrite.after },
  conflict:
    line.conflict === null
      ? null
      : { task: line.conflict.task, commit: line.conflict.commit, paths: line.conflict.paths },
})

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
