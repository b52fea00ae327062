import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BackupId, type Commit, workerId } from '../../src/core/model/ids.ts'
import { begin, one, walls } from './git-intake-scene.ts'
import { git, type Stage } from './git-stage.ts'

const two = workerId(2)
const backup = BackupId('worker-1/walls/1')
const ref = `refs/backup/${backup}`
const secret = 'a note that was never added\n'

/** As in a container, to which none of the server's variables come. */
const salvage = (scene: Pick<Stage, 'salvage'>): readonly string[] => [
  ...['env', '-u', 'GIT_ALTERNATE_OBJECT_DIRECTORIES'],
  ...scene.salvage(one, walls),
]

async function beginUnsaved() {
  const scene = await begin()
  await scene.commitOn(one, walls, { 'walls.txt': 'brick\n' })
  await scene.leave(one, { 'notes.txt': secret })
  const save = async (id = backup) => {
    const saved = await scene.repository.backUp(one, walls, id, salvage(scene))
    if (saved.type !== 'saved') throw new Error(`not saved: ${JSON.stringify(saved)}`)
    return saved.commit
  }
  const show = (commit: string) => git(scene.backups, 'show', `${commit}:notes.txt`)
  return { ...scene, save, show }
}

async function beginSaved() {
  const scene = await beginUnsaved()
  return { ...scene, commit: await scene.save() }
}

type Saved = Awaited<ReturnType<typeof beginUnsaved>>

const prune = (repository: string) => git(repository, 'gc', '--quiet', '--prune=now')
const refsIn = (repository: string, pattern: string) =>
  git(repository, 'for-each-ref', '--format=%(refname)', pattern)
const isIn = (repository: string, object: string): Promise<boolean> =>
  git(repository, 'cat-file', '-e', object).then(
    () => true,
    () => false,
  )

describe('another worker, which has the hub mounted', () => {
  it('finds no ref of a backup there', async () => {
    await using scene = await beginSaved()
    expect(await refsIn(scene.hub, 'refs/backup')).toBe('')
  })

  it('finds no object of a backup there, by its id or in a list of all', async () => {
    await using scene = await beginSaved()
    expect(await scene.show(scene.commit)).toBe(secret.trim())
    expect(await isIn(scene.hub, scene.commit)).toBe(false)
    const all = await git(scene.hub, 'cat-file', '--batch-all-objects', '--batch')
    expect(all).not.toContain(secret.trim())
  })
})

describe('a backup', () => {
  it('borrows what the hub has', async () => {
    await using scene = await beginSaved()
    const own = await git(scene.backups, 'rev-list', '--objects', '--no-object-names', ref)
    const counted = await git(scene.backups, 'count-objects', '--verbose')
    expect(Number(/in-pack: (\d+)/.exec(counted)?.[1])).toBeLessThan(own.split('\n').length)
    await git(scene.backups, 'fsck', '--strict')
  })

  it('outlives that the hub is pruned, although the work that it builds on was replaced', async () => {
    await using scene = await beginUnsaved()
    await scene.takeIn()
    const commit = await scene.save()
    const workspace = scene.workspaceOf(one)
    await rm(join(workspace, 'notes.txt'))
    await git(workspace, 'reset', '--quiet', '--hard', 'origin/main')
    await scene.commit(workspace, { 'walls.txt': 'stone\n' }, 'Another wall')
    for (const name of ['refs/tasks/walls', 'refs/instances/worker-1/task/walls'])
      await git(scene.hub, 'update-ref', name, 'main')
    await prune(scene.hub)
    await git(scene.backups, 'fsck', '--strict')
    expect(await scene.show(commit)).toBe(secret.trim())
    await scene.repository.forgetBackup(backup)
    expect(await refsIn(scene.hub, 'refs/backup-bases')).toBe('')
  })

  it('outlives that too when the hub had all of it, and no ref to it any more', async () => {
    await using scene = await begin()
    const commit = await scene.commitOn(one, walls, { 'walls.txt': 'brick\n' })
    await scene.takeIn()
    for (const name of ['refs/tasks/walls', 'refs/instances/worker-1/task/walls'])
      await git(scene.hub, 'update-ref', name, 'main')
    const saved = await scene.repository.backUp(one, walls, backup, scene.salvage(one, walls))
    expect(saved).toEqual({ type: 'saved', commit })
    await prune(scene.hub)
    expect(await git(scene.backups, 'show', `${commit}:walls.txt`)).toBe('brick')
  })

  it('is whole where the state directory was moved to', async () => {
    await using scene = await beginSaved()
    const moved = join(scene.directory, 'moved')
    await rename(join(scene.hub, '..'), moved)
    expect(await git(join(moved, 'backups.git'), 'show', `${ref}:notes.txt`)).toBe(secret.trim())
  })

  it('is not made again of a stash that was saved for another task', async () => {
    await using scene = await beginUnsaved()
    const workspace = scene.workspaceOf(one)
    await git(workspace, 'stash', '--quiet', '--include-untracked')
    await scene.save()
    await git(workspace, 'checkout', '--quiet', '--detach', 'origin/main')
    await git(workspace, 'branch', '--quiet', '--delete', '--force', 'task/walls')
    const again = BackupId('worker-1/roof/1')
    const outcome = await scene.repository.backUp(one, walls, again, salvage(scene))
    expect(outcome).toEqual({ type: 'unchanged' })
  })
})

describe('a stash that is in no backup any more', () => {
  async function beginStashed() {
    const scene = await beginUnsaved()
    const workspace = scene.workspaceOf(one)
    await git(workspace, 'stash', '--quiet', '--include-untracked')
    await git(workspace, 'checkout', '--quiet', '--detach', 'origin/main')
    await git(workspace, 'branch', '--quiet', '--delete', '--force', 'task/walls')
    const names = () => git(scene.backups, 'rev-list', '--objects', '--all')
    return { ...scene, isSaved: async () => (await names()).includes(' notes.txt') }
  }

  it('is saved again after a backup that could not be completed', async () => {
    await using scene = await beginStashed()
    await git(scene.backups, 'fetch', '--quiet', scene.hub, `main:${ref}/blocked`)
    await expect(scene.save()).rejects.toThrow('refs/backup')
    await git(scene.backups, 'update-ref', '-d', `${ref}/blocked`)
    await scene.save()
    expect(await scene.isSaved()).toBe(true)
  })

  it('is saved again after its backup was forgotten', async () => {
    await using scene = await beginStashed()
    await scene.save()
    await scene.repository.forgetBackup(backup)
    await scene.save(BackupId('worker-1/roof/1'))
    expect(await scene.isSaved()).toBe(true)
  })
})

describe('a backup that is brought to the next worker', () => {
  it('is pushed without what the hub has and what others saved', async () => {
    await using scene = await beginSaved()
    const workspace = await scene.workspace(two)
    const place = await scene.repository.deliverBackup(two, backup, scene.receivePack(two))
    expect(await git(workspace, 'show', `${place}:notes.txt`)).toBe(secret.trim())
    await scene.leave(one, { 'other.txt': 'of another day\n' })
    const other = await scene.save(BackupId('worker-1/walls/2'))
    await scene.repository.deliverBackup(two, backup, scene.receivePack(two))
    expect(await isIn(workspace, other)).toBe(false)
    expect(await isIn(workspace, await git(scene.backups, 'rev-parse', `${other}:other.txt`))).toBe(
      false,
    )
  })

  it('is given up when the workspace hangs, and its caller learns that', async () => {
    await using scene = await beginSaved()
    const hurried = scene.repositoryWith({ maxIntakeSeconds: 1 })
    const delivery = hurried.deliverBackup(two, backup, ['sleep', '60'])
    await expect(delivery).rejects.toThrow('git push')
  })

  it('is not brought by force: a workspace that fails takes none, and nothing is lost', async () => {
    await using scene = await beginSaved()
    await scene.workspace(two)
    const deliver = (...argv: readonly string[]) =>
      scene.repository.deliverBackup(two, backup, argv)
    expect(await deliver('false')).toBeNull()
    expect(await deliver('yes')).toBeNull()
    const hook = join(scene.workspaceOf(two), '.git/hooks/pre-receive')
    await mkdir(join(hook, '..'), { recursive: true })
    await writeFile(hook, '#!/bin/sh\nexit 1\n')
    await chmod(hook, 0o755)
    const withHooks = ['git', '-c', `core.hooksPath=${join(hook, '..')}`, 'receive-pack']
    expect(await deliver(...withHooks, scene.workspaceOf(two))).toBeNull()
    expect(await scene.show(scene.commit)).toBe(secret.trim())
  })
})

/** The backup as an older server kept it. */
async function keepInHub(scene: Saved): Promise<Commit> {
  const commit = await scene.save()
  await git(scene.hub, 'fetch', '--quiet', scene.backups, `${ref}:${ref}`)
  await git(scene.hub, 'for-each-ref', '--format=delete %(refname)', 'refs/backup-bases')
  await rm(join(scene.hub, 'refs/backup-bases'), { recursive: true, force: true })
  await rm(scene.backups, { recursive: true })
  return commit
}

describe('a state directory whose hub holds backups', () => {
  it('has them beside it after a start, whole, also when the hub is pruned', async () => {
    await using scene = await beginUnsaved()
    const commit = await keepInHub(scene)
    expect(await git(scene.hub, 'show', `${ref}:notes.txt`)).toBe(secret.trim())
    await scene.repositoryWith().ensureReady()
    expect(await refsIn(scene.hub, 'refs/backup')).toBe('')
    expect(await git(scene.backups, 'rev-parse', ref)).toBe(commit)
    await prune(scene.hub)
    expect(await isIn(scene.hub, commit)).toBe(false)
    await git(scene.backups, 'fsck', '--strict')
    expect(await scene.show(commit)).toBe(secret.trim())
  })

  it('loses none when the move was cut short between any two of its steps', async () => {
    await using scene = await beginUnsaved()
    const commit = await keepInHub(scene)
    await scene.repositoryWith().ensureReady()
    // Killed before the ref left the hub, and before it came to the other repository.
    for (const undo of [
      async () => git(scene.hub, 'update-ref', ref, commit),
      async () => {
        await git(scene.hub, 'update-ref', ref, commit)
        await git(scene.backups, 'update-ref', '-d', ref)
      },
      async () => {
        await git(scene.hub, 'update-ref', ref, commit)
        await rename(scene.backups, `${scene.backups}.new`)
      },
    ]) {
      await undo()
      await scene.repositoryWith().ensureReady()
      expect(await refsIn(scene.hub, 'refs/backup')).toBe('')
      expect(await scene.show(commit)).toBe(secret.trim())
    }
    expect(await readdir(join(scene.hub, '..'))).toEqual(['backups.git', 'hub.git'])
  })

  it('starts although one of them is damaged, which can still be forgotten', async () => {
    await using scene = await beginUnsaved()
    const commit = await keepInHub(scene)
    const broken = BackupId('worker-2/walls/1')
    const file = join(scene.hub, `refs/backup/${broken}`)
    await mkdir(join(file, '..'), { recursive: true })
    await writeFile(file, `${'1'.repeat(40)}\n`)
    const repository = scene.repositoryWith()
    await repository.ensureReady()
    expect(await scene.show(commit)).toBe(secret.trim())
    await repository.forgetBackup(broken)
    expect(await refsIn(scene.hub, 'refs/backup')).toBe('')
  })
})
