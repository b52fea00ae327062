import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { TaskId, workerId } from '../../src/core/model/ids.ts'
import { git, openStage, operator } from './git-stage.ts'

const one = workerId(1)
const walls = TaskId('walls')
const lists = [1, 2, 3].map((number) => `WORKER_${number}_TASK_LIST.md`)
const [first = ''] = lists

/** A hub whose gits are counted. */
async function begin() {
  const stage = await openStage({
    'PROJECT_DIRECTION.md': 'Build.\n',
    ...Object.fromEntries(lists.map((path, index) => [path, 'x'.repeat(index)])),
  })
  const shims = join(stage.directory, 'shims')
  const log = join(stage.directory, 'gits')
  const rest = operator['PATH'] ?? ''
  await mkdir(shims)
  await writeFile(
    join(shims, 'git'),
    `#!/bin/sh\necho "$*" >>'${log}'\nPATH='${rest}' exec git "$@"\n`,
  )
  await chmod(join(shims, 'git'), 0o755)
  const environment = { ...operator, PATH: `${shims}:${rest}` }
  const repository = stage.repository({ environment })
  await repository.ensureReady()
  return {
    ...stage,
    repository,
    anotherServer: () => stage.repository(),
    /** The commands of git that a job runs. */
    gitsOf: async (job: () => Promise<unknown>): Promise<readonly string[]> => {
      await writeFile(log, '')
      await job()
      return (await readFile(log, 'utf8')).trimEnd().split('\n')
    },
  }
}

describe('the processes of git in the hub', () => {
  it('are few for a task', async () => {
    await using scene = await begin()
    const { repository } = scene
    const base = await repository.head()
    const commit = await scene.commitOn(one, walls, { 'walls.txt': 'brick\n' })
    await git(scene.workspaceOf(one), 'update-ref', 'refs/worktree/earlier/walls', commit)
    const report = await scene.gitsOf(async () => {
      const taken = await repository.takeIn(one, walls, scene.uploadPack(one), async (work) => {
        const reported = { commit, base, earlier: work.earlier, origin: null }
        return (await work.discardedBy(reported)).length === 0 ? null : 'discards'
      })
      expect(taken).toMatchObject({ type: 'taken-in', commit })
    })
    const ofHub = report.filter((command) => !command.startsWith('upload-pack '))
    expect(ofHub.length, ofHub.join('\n')).toBeLessThanOrEqual(7)
    const merge = await scene.gitsOf(async () => {
      const ownFiles = { [first]: '- [x] walls\n' }
      expect(await repository.findLanded(walls, commit)).toBeNull()
      const order = { task: walls, commit, message: 'Merge\n\nTask: walls\n', ownFiles }
      const merged = await repository.tryMerge(order)
      if (merged.type !== 'candidate') throw new Error(merged.type)
      expect(await repository.land(merged.commit, merged.base)).toBe(true)
    })
    expect(merge.length, merge.join('\n')).toBeLessThanOrEqual(7)
    const update = await scene.gitsOf(() =>
      repository.commitFiles({ [first]: '- [ ] roof\n' }, 'Update the task lists'),
    )
    expect(update.length, update.join('\n')).toBeLessThanOrEqual(2)
  })

  it('do not depend on the number of task lists', async () => {
    await using scene = await begin()
    const texts: Record<string, string> = {}
    const gits = await scene.gitsOf(async () =>
      Object.assign(texts, await scene.repository.taskLists()),
    )
    expect(texts).toEqual(Object.fromEntries(lists.map((path, index) => [path, 'x'.repeat(index)])))
    expect(gits.length, gits.join('\n')).toBeLessThanOrEqual(2)
  })
})

describe('what the server remembers of its commits', () => {
  it('is what git says of them', async () => {
    await using scene = await begin()
    const { repository } = scene
    const commit = await scene.commitOn(one, walls, { 'walls.txt': 'brick\n', [first]: 'mine\n' })
    const taken = await repository.takeIn(one, walls, scene.uploadPack(one))
    expect(taken).toMatchObject({ type: 'taken-in' })
    const order = { task: walls, commit, message: 'Merge\n', ownFiles: { [first]: 'ours\n' } }
    const merged = await repository.tryMerge(order)
    if (merged.type !== 'candidate') throw new Error(merged.type)
    // Another server, which remembers nothing, agrees.
    const other = scene.anotherServer()
    const changed = await other.commitFiles({ [first]: 'x' }, 'Change')
    for (const each of [repository, other]) {
      expect(await each.isSameWork(merged.commit, merged.base)).toBe(false)
      expect(await each.isSameWork(changed, merged.base)).toBe(true)
      await expect(each.land(changed, merged.base)).rejects.toThrow('not a merge')
      expect(await each.land(merged.commit, merged.base)).toBe(false)
    }
  })
})
