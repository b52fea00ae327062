import { describe, expect, it } from 'vitest'
import { begin, one, rewriteOf, scenes, walls } from '../support/repository-scenes.ts'

/**
 * A human pushes two commits, of which the hub has taken in both, and takes the second one back.
 */
async function takenBack(open: (typeof scenes)[string]) {
  const scene = await begin(open)
  const kept = await scene.pushUpstream({ 'garden.txt': 'roses\n' })
  const secret = await scene.pushUpstream({ 'secret.txt': 'password\n' })
  await scene.repository.mergeUpstream()
  await scene.rewriteOrigin(kept)
  return { scene, kept, secret }
}

describe.each(Object.entries(scenes))('%s', (_, open) => {
  describe('an origin whose history is rewritten', () => {
    it('is reported again and again, and nothing moves', async () => {
      const { scene, kept, secret } = await takenBack(open)
      await using _scene = scene
      const head = await scene.repository.head()
      for (let times = 0; times < 2; times += 1)
        expect(await scene.repository.mergeUpstream()).toEqual({
          type: 'rewritten',
          before: secret,
          after: kept,
        })
      expect(await scene.repository.head()).toBe(head)
    })

    it('does not get back by a push what was removed, not even before the next fetch', async () => {
      const { scene } = await takenBack(open)
      await using _scene = scene
      await scene.merge(walls, await scene.report(one, walls, { 'walls.txt': 'brick\n' }))
      expect(await scene.repository.publish()).toMatchObject({ type: 'refused', moved: true })
      await scene.repository.mergeUpstream()
      expect(await scene.repository.publish()).toMatchObject({ type: 'refused', moved: true })
      expect(await scene.readOrigin('main', 'secret.txt')).toBeNull()
    })

    it('is noticed, too, when only what the run had pushed is removed', async () => {
      await using scene = await begin(open)
      const base = await scene.repository.head()
      const pushed = await scene.merge(
        walls,
        await scene.report(one, walls, { 'walls.txt': 'brick\n' }),
      )
      await scene.repository.publish()
      await scene.rewriteOrigin(base)
      const rewritten = { type: 'rewritten', before: pushed, after: base }
      expect(await scene.repository.mergeUpstream()).toEqual(rewritten)
      expect(await scene.repository.publish()).toMatchObject({ type: 'refused', moved: true })
      expect(await scene.readOrigin('main', 'walls.txt')).toBeNull()
    })

    it('is noticed, too, when the answer to the push that is taken back was lost', async () => {
      await using scene = await begin(open)
      const { repository } = scene
      const base = await repository.head()
      const pushed = await scene.merge(
        walls,
        await scene.report(one, walls, { 'walls.txt': 'brick\n' }),
      )
      const refused = { type: 'refused', moved: true }
      expect(await scene.publishUnanswered(() => scene.rewriteOrigin(base))).toMatchObject(refused)
      const rewritten = { type: 'rewritten', before: pushed, after: base }
      expect(await repository.mergeUpstream()).toEqual(rewritten)
      expect(await repository.publish()).toMatchObject(refused)
      expect(await scene.readOrigin('main', 'walls.txt')).toBeNull()
    })

    it('is noticed, too, when the pushed work is still there as the hub gives up', async () => {
      await using scene = await begin(open)
      const { repository } = scene
      const base = await repository.head()
      const commit = await scene.merge(
        walls,
        await scene.report(one, walls, { 'walls.txt': 'brick\n' }),
      )
      const outcome = await scene.publishUnanswered(async () => undefined)
      expect(outcome).toMatchObject({ type: 'refused', moved: true })
      expect(await repository.mergeUpstream()).toEqual({ type: 'unchanged' })
      expect(await repository.publish()).toEqual({ type: 'published', commit })
      await scene.rewriteOrigin(base)
      expect(await repository.mergeUpstream()).toMatchObject({ type: 'rewritten', after: base })
    })

    it('is merged with the history before when a person wants that', async () => {
      const { scene, kept } = await takenBack(open)
      await using _scene = scene
      const answer = { verdict: 'keep', ...(await rewriteOf(scene.repository)) } as const
      expect(answer.after).toBe(kept)
      expect(await scene.repository.mergeUpstream(answer)).toEqual({ type: 'unchanged' })
      expect(await scene.repository.publish()).toMatchObject({ type: 'published' })
      expect(await scene.readOrigin('main', 'secret.txt')).toBe('password\n')
    })

    it('is as before when it is put back', async () => {
      const { scene, secret } = await takenBack(open)
      await using _scene = scene
      await scene.repository.mergeUpstream()
      await scene.rewriteOrigin(secret)
      expect(await scene.repository.mergeUpstream()).toEqual({ type: 'unchanged' })
      await scene.merge(walls, await scene.report(one, walls, { 'walls.txt': 'brick\n' }))
      expect(await scene.repository.publish()).toMatchObject({ type: 'published' })
    })

    it('is not what a push of others is that conflicts', async () => {
      await using scene = await begin(open)
      await scene.merge(walls, await scene.report(one, walls, { 'tower.txt': 'ours\n' }))
      await scene.pushUpstream({ 'tower.txt': 'theirs\n' })
      expect(await scene.repository.mergeUpstream()).toMatchObject({ type: 'conflict' })
      expect(await scene.repository.publish()).toMatchObject({ type: 'refused', moved: true })
      expect(await scene.readOrigin('main', 'tower.txt')).toBe('theirs\n')
    })
  })
})
