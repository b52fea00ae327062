import { z } from 'zod'
import type { Backup, BackupPhase } from '../../../core/model/backup.ts'
import { exactly } from './exactly.ts'
import { backupId, commit, count, instanceId, instant, phase, retry, taskId } from './scalars.ts'

const backupPhase = exactly<BackupPhase>()(
  z.union([
    phase('saving', { tries: count }),
    phase('failed', { tries: count, reason: z.string(), until: instant }),
    phase('unsaved', { reason: z.string() }),
    phase('saved', { commit }),
    phase('deleted', { commit, until: instant }),
    phase('forgetting', retry),
  ]),
)

export const backup = exactly<Backup>()(
  z.strictObject({
    id: backupId,
    instance: instanceId,
    task: taskId,
    reason: z.string(),
    phase: backupPhase,
  }),
)
