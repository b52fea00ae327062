import type { FastifyInstance } from 'fastify'
import { BackupId } from '../../core/model/ids.ts'
import type { Dispatcher } from '../../engine/dispatch/dispatcher.ts'
import { routes } from '../contract/routes.ts'
import { serve, settle } from './serve.ts'
import { viewBackup } from './views/backup.ts'

export interface BackupDeps {
  readonly dispatcher: Dispatcher
  /** The path of the repository that holds the refs. */
  readonly backupRepository: string
}

/** Saved work. A deleted backup can be restored until the time that its view shows. */
export function backupRoutes(
  app: FastifyInstance,
  { dispatcher, backupRepository: repository }: BackupDeps,
): void {
  serve(app, routes.backups, () => ({
    hub: repository,
    backups: [...dispatcher.state.backups.values()].map((backup) => viewBackup(backup, repository)),
  }))
  serve(app, routes.deleteBackup, ({ params }) =>
    settle(dispatcher, { type: 'backup-deleted', backup: idOf(params) }),
  )
  serve(app, routes.restoreBackup, ({ params }) =>
    settle(dispatcher, { type: 'backup-restored', backup: idOf(params) }),
  )
}

interface Named {
  readonly instance: string
  readonly task: string
  readonly number: string
}

const idOf = ({ instance, task, number }: Named): BackupId =>
  BackupId(`${instance}/${task}/${number}`)
