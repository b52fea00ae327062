import { backupList, type BackupView } from '../../../http/contract/backup.ts'
import type { Inside } from './inside.ts'
import type { Stage } from './stage.ts'

/** What was saved of a worker's workspace. */
export async function savedOf(stage: Stage, { instance }: Inside): Promise<readonly BackupView[]> {
  const answer = await stage.request('/api/v1/backups')
  const { backups } = backupList.parse(await answer.json())
  return backups.filter((backup) => backup.instance === instance && backup.phase === 'saved')
}
