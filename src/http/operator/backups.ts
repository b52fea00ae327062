import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Backup } from '../../core/model/backup.ts'
import { BackupId } from '../../core/model/ids.ts'
import type { Dispatcher, NewEvent } from '../../engine/dispatch/dispatcher.ts'

export interface BackupDeps {
  readonly dispatcher: Dispatcher
  /** Where the refs are. */
  readonly hub: string
}

interface NamesBackup {
  readonly Params: { readonly instance: string; readonly task: string; readonly number: string }
}

/** Work that was saved, and what a human may do with it. Deleting can be undone until the time that is shown. */
export function backupRoutes(app: FastifyInstance, { dispatcher, hub }: BackupDeps): void {
  const one = '/api/v1/backups/:instance/:task/:number'
  const idOf = ({ instance, task, number }: NamesBackup['Params']) =>
    BackupId(`${instance}/${task}/${number}`)
  const settle = (reply: FastifyReply, fact: NewEvent) => {
    const { ignored } = dispatcher.dispatch(fact)
    return ignored === null ? reply.send({ ok: true }) : reply.code(409).send({ error: ignored })
  }
  app.get('/api/v1/backups', (_request, reply) =>
    reply.send({
      hub,
      backups: [...dispatcher.state.backups.values()].map((backup) => backupStatus(backup, hub)),
    }),
  )
  app.delete<NamesBackup>(one, ({ params }, reply) =>
    settle(reply, { type: 'backup-deleted', backup: idOf(params) }),
  )
  app.post<NamesBackup>(`${one}/restore`, ({ params }, reply) =>
    settle(reply, { type: 'backup-restored', backup: idOf(params) }),
  )
}

function backupStatus({ id, instance, task, reason, phase }: Backup, hub: string) {
  const ref = `refs/backup/${id}`
  return {
    id,
    instance,
    task,
    phase: phase.name,
    since: time(phase.since),
    until: 'until' in phase ? time(phase.until) : null,
    reason,
    problem: phase.name === 'failed' || phase.name === 'unsaved' ? phase.reason : null,
    ref,
    commit: 'commit' in phase ? phase.commit : null,
    show: `git -C ${hub} log -p ${ref}`,
  }
}

const time = (at: number): string => new Date(at).toISOString()
