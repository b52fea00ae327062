import { describe, expect, it } from 'vitest'
import { createFakeRepository } from '../../test/fakes/repository.ts'
import { createFakeRuntime } from '../../test/fakes/runtime.ts'
import { one, planned, Run, two } from '../../test/support/run.ts'
import { backupsOf } from '../core/model/backup-groups.ts'
import { BackupId, TaskId } from '../core/model/ids.ts'
import { deliverBackups } from './deliver-backups.ts'

const [walls, roof] = [TaskId('walls'), TaskId('roof')]

async function scene() {
  const { state } = new Run()
    .planned([planned(walls, { worker: 1 }), planned(roof, { worker: 2 })])
    .confirmed(one)
  const repository = createFakeRepository({ files: { 'index.js': 'old\n' } })
  const save = async (instance: typeof one, task: TaskId, isInRepository = true) => {
    const id = BackupId(`${instance}/${task}/1`)
    const commit = repository.commitOn(instance, task, { 'index.js': `${id}\n` })
    if (isInRepository) await repository.backUp(instance, task, id, [])
    const phase = { name: 'saved', since: state.run.phase.since, commit } as const
    return { id, instance, task, reason: 'lost', phase }
  }
  return {
    repository,
    save,
    deliver: async (backups: Awaited<ReturnType<typeof save>>[]) => {
      const task = state.tasks.get(walls)
      if (task === undefined) throw new Error('there is no task')
      const { workspaces } = createFakeRuntime()
      const parts = { repositoryOf: () => repository, workspaces }
      const now = { ...state, backups: backupsOf(backups) }
      return deliverBackups(task, one, { ...parts, state: now })
    },
  }
}

describe('the worker that goes on with a task', () => {
  it('gets what another one left of it, and nothing of another task', async () => {
    const { repository, save, deliver } = await scene()
    const left = await save(two, walls)
    const delivered = await deliver([left, await save(two, roof), await save(one, walls)])
    expect([...delivered.keys()]).toEqual([left.id])
    const ref = delivered.get(left.id) ?? ''
    expect(repository.delivered(one, ref)).toBe(left.phase.commit)
  })

  it('goes on without a backup that is lost', async () => {
    const { save, deliver } = await scene()
    expect((await deliver([await save(two, walls, false)])).size).toBe(0)
  })
})
