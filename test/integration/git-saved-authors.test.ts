import { describe, expect, it } from 'vitest'
import { BackupId, type InstanceId, workerId } from '../../src/core/model/ids.ts'
import { gitIdentity } from '../../src/claude/launch/git-identity.ts'
import { add, authorScene as scene, linus, other, own, two } from './git-authors-scene.ts'
import { one, walls } from './git-intake-scene.ts'

const three = workerId(3)
const third = gitIdentity(three, {}).author

type Scene = Awaited<ReturnType<typeof scene>>

/** What a worker that is lost now has of the task. */
async function save(stage: Scene, worker: InstanceId): Promise<BackupId> {
  const backup = BackupId(`${worker}/walls/1`)
  const saved = await stage.repository.backUp(worker, walls, backup, stage.salvage(worker, walls))
  expect(saved.type).toBe('saved')
  return backup
}

/** Lets a worker begin its branch, and fetch a backup. */
async function goOn(stage: Scene, worker: InstanceId, backup: BackupId): Promise<string> {
  await stage.run(stage.branch(), own, own, worker)
  const ref = await stage.repository.deliverBackup(worker, backup, stage.receivePack(worker))
  return ref ?? expect.fail('there is no such backup')
}

describe('commits that another worker of the task made', () => {
  it('pass where that worker was lost and they were saved', async () => {
    await using stage = await scene()
    await stage.run(`${stage.branch()}; ${add('half.txt')}`, other, other, two)
    const ref = await goOn(stage, one, await save(stage, two))
    await stage.run(`git merge -q --ff-only ${ref}; ${add('walls.txt')}`)
    expect(await stage.takeIn()).toMatchObject({ type: 'taken-in', commits: 2 })
  })

  it('do not pass where they were saved under a third name', async () => {
    await using stage = await scene()
    await stage.run(`${stage.branch()}; ${add('half.txt')}`, linus, linus, two)
    const ref = await goOn(stage, one, await save(stage, two))
    await stage.run(`git merge -q --ff-only ${ref}; ${add('walls.txt')}`)
    expect(await stage.takeIn()).toMatchObject({ type: 'refused' })
  })

  it('pass with their author when they are rebased', async () => {
    await using stage = await scene()
    await stage.run(`${stage.branch()}; ${add('half.txt')}`, other, other, two)
    const ref = await goOn(stage, one, await save(stage, two))
    await stage.byAda(add('c.txt'))
    const rebase = 'git fetch -q; git rebase -q origin/main'
    await stage.run(`git merge -q --ff-only ${ref}; ${rebase}; ${add('walls.txt')}`)
    expect(await stage.authors()).toEqual(['worker-1/worker-1', 'worker-2/worker-1'])
    expect(await stage.takeIn()).toMatchObject({ type: 'taken-in', commits: 2 })
  })

  it('pass when a third worker copied them and was lost, too', async () => {
    await using stage = await scene()
    await stage.run(`${stage.branch()}; ${add('half.txt')}`, other, other, two)
    const first = await goOn(stage, three, await save(stage, two))
    const copy = `${add('own.txt')}; git cherry-pick ${first}`
    await stage.run(copy, third, third, three)
    const ref = await goOn(stage, one, await save(stage, three))
    await stage.run(`git merge -q --ff-only ${ref}; ${add('walls.txt')}`)
    expect(await stage.authors()).toEqual([
      'worker-1/worker-1',
      'worker-2/worker-3',
      'worker-3/worker-3',
    ])
    expect(await stage.takeIn()).toMatchObject({ type: 'taken-in', commits: 3 })
  })

  it('do not lend their author to a changed copy', async () => {
    await using stage = await scene()
    await stage.run(`${stage.branch()}; ${add('half.txt')}`, other, other, two)
    const ref = await goOn(stage, one, await save(stage, two))
    const change = 'printf evil > half.txt; git add -A; git commit -q --amend --no-edit'
    await stage.run(`${add('walls.txt')}; git cherry-pick ${ref}; ${change}`)
    expect(await stage.authors()).toContain('worker-2/worker-1')
    expect(await stage.takeIn()).toMatchObject({ type: 'refused' })
  })

  it('do not lend their author to what a third worker changed and saved', async () => {
    await using stage = await scene()
    await stage.run(`${stage.branch()}; ${add('half.txt')}`, other, other, two)
    const first = await goOn(stage, three, await save(stage, two))
    const change = 'printf evil > half.txt; git add -A; git commit -q --amend --no-edit'
    const copy = `${add('own.txt')}; git cherry-pick ${first}; ${change}`
    await stage.run(copy, third, third, three)
    const ref = await goOn(stage, one, await save(stage, three))
    await stage.run(`git merge -q --ff-only ${ref}; ${add('walls.txt')}`)
    expect(await stage.takeIn()).toMatchObject({ type: 'refused' })
  })
})
