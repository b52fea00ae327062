import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkOrigin } from '../../src/adapters/git/check-origin.ts'
import { git, openStage, operator, type Stage } from './git-stage.ts'

const check = (stage: Stage, origin: string, publishTo = 'main') =>
  checkOrigin({
    path: stage.hub,
    origin,
    target: 'main',
    publish: { to: 'branch', branch: publishTo },
    environment: operator,
  })

/** The origin at a second address, with what the hub has pushed. */
async function moved(stage: Stage): Promise<string> {
  const repository = stage.repository()
  await repository.ensureReady()
  await repository.commitFiles({ 'WORKER_1_TASK_LIST.md': 'x' }, 'Write\n')
  await repository.publish()
  const place = join(stage.directory, 'moved.git')
  await cp(stage.origin, place, { recursive: true })
  return place
}

const refsOf = (stage: Stage) => git(stage.hub, 'for-each-ref')

describe('an origin at another address', () => {
  it('is the same when it has what the old one had, and more', async () => {
    await using stage = await openStage()
    const place = await moved(stage)
    const before = await refsOf(stage)
    expect(await check(stage, place)).toEqual({ type: 'same' })
    await git(stage.human, 'pull', '--quiet', 'origin', 'main')
    await stage.commit(stage.human, { 'new.txt': 'x' }, 'After the move')
    await git(stage.human, 'push', '--quiet', place, 'HEAD:main')
    expect(await check(stage, place)).toEqual({ type: 'same' })
    expect(await refsOf(stage)).toBe(before)
  })

  it.each<[string, (stage: Stage, place: string) => Promise<unknown>, RegExp]>([
    [
      'is empty',
      (_, place) => git(place, 'update-ref', '-d', 'refs/heads/main'),
      /has no branch main/,
    ],
    [
      'lacks what the old one got',
      (_, place) => git(place, 'update-ref', 'refs/heads/main', 'refs/heads/main~1'),
      /lacks commits.*push them there first/,
    ],
    [
      'has another history',
      async (stage, place) => {
        await git(stage.human, 'checkout', '--quiet', '--orphan', 'other')
        await stage.commit(stage.human, {}, 'Other')
        await git(stage.human, 'push', '--quiet', '--force', place, 'HEAD:main')
      },
      /shares no history/,
    ],
  ])('is another one when it %s', async (_, change, reason) => {
    await using stage = await openStage()
    const place = await moved(stage)
    await change(stage, place)
    expect(await check(stage, place)).toEqual({
      type: 'another',
      reason: expect.stringMatching(reason),
    })
  })

  it('is unknown while it cannot be reached', async () => {
    await using stage = await openStage()
    const place = await moved(stage)
    await rm(place, { recursive: true })
    expect(await check(stage, place)).toMatchObject({ type: 'unreachable' })
  })

  it('is refused when every push to the branch for the work would be', async () => {
    await using stage = await openStage()
    const place = await moved(stage)
    await git(stage.human, 'checkout', '--quiet', '-B', 'bot')
    await stage.commit(stage.human, { 'bot.txt': 'x' }, 'Not of the run')
    await git(stage.human, 'push', '--quiet', place, 'HEAD:bot')
    expect(await check(stage, place, 'bot')).toEqual({
      type: 'another',
      reason: expect.stringMatching(/bot of .*every push.*publishBranch/),
    })
  })
})
