import type { Merge, MergePhase } from '../../../core/model/merge.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import type { MergeView } from '../../contract/merge.ts'

export const viewMerge = ({ line, task, commit, phase }: Merge): MergeView => ({
  line,
  task,
  commit,
  phase: publicPhase[phase.name],
  since: isoTime(phase.since),
  reason: 'reason' in phase ? phase.reason : null,
})

const publicPhase: Record<MergePhase['name'], MergeView['phase']> = {
  queued: 'queued',
  trying: 'trying',
  checking: 'checking',
  failed: 'failed',
}
