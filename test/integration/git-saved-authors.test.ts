import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { BackupId, type InstanceId, workerId } from '../../src/core/model/ids.ts'
import { gitIdentity } from '../../src/claude/launch/git-identity.ts'
import { add, authorScene as scene, linus, other, own, two } from './git-authors-scene.ts'
import { one, walls } from './git-intake-scene.ts'
import { git, operator } from './git-stage.ts'

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
  if (ref === null) throw new Error('there is no such backup')
  return ref
}

/** From packs, too. */
async function removeObject(repository: string, name: string): Promise<void> {
  const object = await git(repository, 'rev-parse', name)
  const unpack = 'for pack in was/*.pack; do git unpack-objects -q < $pack; done'
  const script = `mkdir was; mv objects/pack/* was; ${unpack}; rm objects/$1/$2`
  const words = ['-ec', script, 'sh', object.slice(0, 2), object.slice(2)]
  await promisify(execFile)('sh', words, { cwd: repository, env: { ...operator, GIT_DIR: '.' } })
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

  it('pass when they are empty, or too large to be compared together', async () => {
    await using stage = await scene()
    const big = 'head -c 20000000 /dev/urandom > big; git add -A; git commit -qm Big'
    const begin = `git commit -q --allow-empty -m Begin; ${big}; ${big}; ${big}`
    await stage.run(`${stage.branch()}; ${begin}`, other, other, two)
    const ref = await goOn(stage, one, await save(stage, two))
    await stage.byAda(add('c.txt'))
    await stage.run(`git merge -q --ff-only ${ref}; git fetch -q; git rebase -q origin/main`)
    expect(await stage.authors()).toEqual(Array(4).fill('worker-2/worker-1'))
    expect(await stage.takeIn()).toMatchObject({ type: 'taken-in', commits: 4 })
  })

  it('are mended with the command where the backup is damaged', async () => {
    await using stage = await scene()
    await stage.run(`${stage.branch()}; ${add('half.txt', 'half of it')}`, other, other, two)
    const ref = await goOn(stage, one, await save(stage, two))
    await stage.byAda(add('c.txt'))
    await stage.run(`git merge -q --ff-only ${ref}; git fetch -q; git rebase -q origin/main`)
    await removeObject(stage.backups, 'refs/backup/worker-2/walls/1:half.txt')
    expect(await stage.mend(await stage.refusal())).toMatchObject({ type: 'taken-in' })
  })
})
