import { describe, expect, it } from 'vitest'
import { begin, one, scenes, walls } from '../support/repository-scenes.ts'

describe.each(Object.entries(scenes))('%s', (_, open) => {
  /** A merge has landed that the origin lacks. */
  const stage = async () => {
    const scene = await begin(open)
    await scene.pushUpstream({ 'garden.txt': 'roses\n' })
    await scene.repository.mergeUpstream()
    const report = await scene.report(one, walls, { 'walls.txt': 'brick\n' })
    return { ...scene, merged: await scene.merge(walls, report) }
  }

  describe('an origin whose target was deleted', () => {
    it('has nothing to fetch, and what is missing is said', async () => {
      await using scene = await stage()
      await scene.deleteUpstream()
      for (let times = 0; times < 2; times += 1)
        await expect(scene.repository.mergeUpstream()).rejects.toThrow(/no branch main|is empty/)
      expect(await scene.repository.head()).toBe(scene.merged)
    })

    it('does not get back by a push what a person deleted', async () => {
      await using scene = await stage()
      await scene.deleteUpstream()
      for (let times = 0; times < 2; times += 1)
        expect(await scene.repository.publish()).toMatchObject({ type: 'refused', moved: true })
      expect(await scene.readOrigin('main', 'walls.txt')).toBeNull()
      expect(await scene.repository.countUnpublished()).toBe(2)
    })

    it('goes on when a person pushes the target again', async () => {
      await using scene = await stage()
      await scene.deleteUpstream()
      await expect(scene.repository.mergeUpstream()).rejects.toThrow(/./)
      await scene.restoreUpstream()
      expect(await scene.repository.mergeUpstream()).toEqual({ type: 'unchanged' })
      const published = { type: 'published', commit: scene.merged }
      expect(await scene.repository.publish()).toEqual(published)
      expect(await scene.readOrigin('main', 'walls.txt')).toBe('brick\n')
      expect(await scene.readOrigin('main', 'garden.txt')).toBe('roses\n')
    })
  })

  describe('an origin that protects its target', () => {
    it('refuses a push, for which no fetch is a remedy', async () => {
      await using scene = await stage()
      await scene.protect()
      const outcome = await scene.repository.publish()
      expect(outcome).toMatchObject({ type: 'refused', moved: false })
      expect(outcome).toMatchObject({ reason: expect.stringMatching(/protected/i) })
      expect(await scene.readOrigin('main', 'walls.txt')).toBeNull()
    })

    it('has moved first of all when others pushed as well', async () => {
      await using scene = await stage()
      await scene.pushUpstream({ 'garden.txt': 'tulips\n' })
      await scene.protect()
      expect(await scene.repository.publish()).toMatchObject({ type: 'refused', moved: true })
    })

    it('refuses nothing when it has all that would be pushed', async () => {
      await using scene = await stage()
      await scene.repository.publish()
      await scene.protect()
      const published = { type: 'published', commit: scene.merged }
      expect(await scene.repository.publish()).toEqual(published)
    })
  })
})
