import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { direction, git, openStage, type Stage } from './git-stage.ts'

const night = { publish: { to: 'branch', branch: 'night' } } as const

/** An earlier run published to `night`, and its pull request was merged by a squash. */
async function squashed(): Promise<Stage> {
  const stage = await openStage()
  await git(stage.human, 'switch', '--quiet', '--create', 'night')
  await stage.commit(stage.human, { 'walls.txt': 'brick\n' }, 'walls')
  await stage.commit(stage.human, { 'walls.txt': 'stone\n' }, 'better walls')
  await git(stage.human, 'push', '--quiet', 'origin', 'night')
  await git(stage.human, 'switch', '--quiet', 'main')
  await stage.push({ 'walls.txt': 'stone\n' })
  return stage
}

describe('a new hub', () => {
  it('is refused while the branch to publish to has commits that the target lacks', async () => {
    await using stage = await squashed()
    await expect(stage.repository(night).ensureReady()).rejects.toThrow(
      /night of .* has 2 commits that main lacks.*git push .* --delete night/,
    )
    expect(existsSync(stage.hub)).toBe(false)
    await git(stage.human, 'push', '--quiet', 'origin', '--delete', 'night')
    const { head } = await stage.repository(night).ensureReady()
    expect(await stage.repository(night).publish()).toEqual({ type: 'published', commit: head })
  })

  it('takes a branch to publish to that the target contains', async () => {
    await using stage = await openStage()
    await git(stage.human, 'push', '--quiet', 'origin', 'main:night')
    await stage.push({ 'walls.txt': 'brick\n' })
    await stage.repository(night).ensureReady()
    expect(await git(stage.hub, 'for-each-ref', '--format=%(refname)')).toBe(
      'refs/heads/main\nrefs/upstream/main',
    )
    expect(await stage.repository(night).publish()).toMatchObject({ type: 'published' })
  })

  it('opens again although the branch to publish to is ahead by what it published', async () => {
    await using stage = await openStage()
    const repository = stage.repository(night)
    await repository.ensureReady()
    await repository.commitFiles({ 'WORKER_1_TASK_LIST.md': 'x\n' }, 'Lists\n')
    await repository.publish()
    await stage.repository(night).ensureReady()
  })

  it.each(['.gitattributes', 'assets/.gitattributes'])(
    'is refused for a project whose %s keeps files in Git LFS',
    async (path) => {
      await using stage = await openStage({
        ...direction,
        [path]: '*.txt text\n*.png filter=lfs diff=lfs merge=lfs -text\n',
      })
      await expect(stage.repository().ensureReady()).rejects.toThrow(
        `main of ${stage.origin} keeps files in Git LFS (${path})`,
      )
      expect(existsSync(stage.hub)).toBe(false)
    },
  )
})
