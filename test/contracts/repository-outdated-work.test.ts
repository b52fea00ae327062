import { describe, expect, it } from 'vitest'
import {
  begin,
  follow,
  one,
  order,
  roof,
  scenes,
  two,
  walls,
} from '../support/repository-scenes.ts'

type Open = (typeof scenes)[string]

/** A human purges a secret on which the branches of both tasks are based. */
async function purged(open: Open) {
  const scene = await begin(open)
  const kept = await scene.pushUpstream({ 'garden.txt': 'roses\n' })
  const secret = await scene.pushUpstream({ 'secret.txt': 'password\n' })
  await scene.repository.mergeUpstream()
  const base = await scene.repository.head()
  const ofWalls = await scene.report(one, walls, { 'walls.txt': 'brick\n' })
  const ofRoof = await scene.commitOn(two, roof, { 'roof.txt': 'tiles\n' })
  await scene.rewriteOrigin(kept)
  return { scene, kept, secret, base, ofWalls, ofRoof }
}

const settings = (password: string): string =>
  ['name=tower', 'host=example.com', 'port=5432', `password=${password}`, 'pool=5', ''].join('\n')

const floors = (...names: readonly (number | string)[]): string =>
  names.map((name) => `floor ${name}\n`).join('')

describe.each(Object.entries(scenes))('%s', (_, open) => {
  describe('work that began before the origin was rewritten', () => {
    it('is refused with its removed commits, and taken in without them', async () => {
      const { scene, secret } = await purged(open)
      await using _scene = scene
      const { repository } = scene
      await follow(repository)
      const refused = await repository.takeIn(two, roof, scene.uploadPack(two))
      if (refused.type !== 'refused') throw new Error('it was taken in')
      expect(refused.reason).toContain('commits of the history that a person removed')
      const commit = await scene.bringOwnWork(two, roof, refused.reason)
      expect(await repository.takeIn(two, roof, scene.uploadPack(two))).toMatchObject({ commit })
      await scene.merge(roof, commit)
      await repository.publish()
      expect(await scene.readOrigin('main', 'roof.txt')).toBe('tiles\n')
      expect(await scene.readOrigin('main', 'secret.txt')).toBeNull()
      expect(await repository.includes(await repository.head(), secret)).toBe(false)
    })

    it('is not merged with its removed commits when it was reported before', async () => {
      const { scene, ofWalls } = await purged(open)
      await using _scene = scene
      const { repository } = scene
      expect(await repository.formerHistoryIn(ofWalls)).toBeNull()
      const { outcome } = await follow(repository)
      const { former } = outcome
      expect(await repository.tryMerge(order(walls, ofWalls))).toEqual({ type: 'removed', former })
      expect(await repository.formerHistoryIn(ofWalls)).toBe(former)
      expect(await repository.formerHistoryIn(outcome.head)).toBeNull()
      const refused = await repository.takeIn(one, walls, scene.uploadPack(one))
      if (refused.type !== 'refused') throw new Error('it was taken in')
      const commit = await scene.bringOwnWork(one, walls, refused.reason)
      expect(await repository.takeIn(one, walls, scene.uploadPack(one))).toMatchObject({ commit })
    })

    it('brings no work of others along that its branch merged from the new history', async () => {
      const { scene, secret } = await purged(open)
      await using _scene = scene
      const { repository } = scene
      await follow(repository)
      const refused = await repository.takeIn(one, walls, scene.uploadPack(one))
      if (refused.type !== 'refused') throw new Error('it was taken in')
      await scene.bringOwnWork(one, walls, refused.reason)
      await scene.merge(walls, await scene.report(one, walls, { 'walls.txt': 'stone\n' }))
      await scene.mergeTarget(two, roof, {})
      const again = await repository.takeIn(two, roof, scene.uploadPack(two))
      if (again.type !== 'refused') throw new Error('it was taken in')
      const commit = await scene.bringOwnWork(two, roof, again.reason)
      expect(await repository.takeIn(two, roof, scene.uploadPack(two))).toMatchObject({ commit })
      expect(await repository.includes(commit, secret)).toBe(false)
      expect(await repository.includes(commit, await repository.head())).toBe(true)
    })

    it('does not bring back by a squash what a person removed', async () => {
      const { scene, base } = await purged(open)
      await using _scene = scene
      const { repository } = scene
      await follow(repository)
      const commit = await scene.squash(two, roof)
      expect(await repository.takeIn(two, roof, scene.uploadPack(two))).toMatchObject({ commit })
      const work = { commit, base, earlier: [], origin: null }
      expect(await repository.discardedBy(work)).toEqual(['secret.txt'])
    })

    it('does not bring back by a squash what its branch merged from the target', async () => {
      await using scene = await begin(open)
      const { repository } = scene
      const base = await repository.head()
      await scene.commitOn(two, roof, { 'roof.txt': 'tiles\n' })
      await scene.pushUpstream({ 'secret.txt': 'password\n' })
      await repository.mergeUpstream()
      await scene.mergeTarget(two, roof, {})
      await scene.rewriteOrigin(base)
      await follow(repository)
      const commit = await scene.squash(two, roof)
      const work = { commit, base, earlier: [], origin: null }
      await repository.takeIn(two, roof, scene.uploadPack(two))
      expect(await repository.discardedBy(work)).toEqual(['secret.txt'])
    })

    it('does not bring back what a person removed beside a conflict with the new history', async () => {
      const { scene, base } = await purged(open)
      await using _scene = scene
      const { repository } = scene
      await follow(repository)
      const commit = await scene.squash(two, roof)
      await repository.takeIn(two, roof, scene.uploadPack(two))
      const refused = await repository.takeIn(one, walls, scene.uploadPack(one))
      if (refused.type !== 'refused') throw new Error('it was taken in')
      await scene.bringOwnWork(one, walls, refused.reason)
      await scene.merge(walls, await scene.report(one, walls, { 'roof.txt': 'slate\n' }))
      expect(await repository.tryMerge(order(roof, commit))).toMatchObject({ type: 'conflict' })
      const work = { commit, base, earlier: [], origin: null }
      expect(await repository.discardedBy(work)).toEqual(['secret.txt'])
    })

    it('does not bring back a removed file beside a similar one that came since', async () => {
      await using scene = await begin(open)
      const { repository } = scene
      const kept = await repository.head()
      await scene.pushUpstream({ 'settings.env': settings('hunter2') })
      await repository.mergeUpstream()
      const base = await repository.head()
      await scene.commitOn(two, roof, { 'roof.txt': 'tiles\n' })
      await scene.rewriteOrigin(kept)
      await follow(repository)
      const commit = await scene.squash(two, roof)
      await repository.takeIn(two, roof, scene.uploadPack(two))
      const example = await scene.report(one, walls, { 'settings.example': settings('change me') })
      await scene.merge(walls, example)
      const work = { commit, base, earlier: [], origin: null }
      expect(await repository.discardedBy(work)).toEqual(['settings.env'])
      const merged = await scene.mergeTarget(two, roof, {})
      await repository.takeIn(two, roof, scene.uploadPack(two))
      expect(await repository.discardedBy({ ...work, commit: merged })).toEqual(['settings.env'])
    })

    it('may conflict with what others removed after the rewrite', async () => {
      await using scene = await begin(open)
      const { repository } = scene
      await scene.pushUpstream({ 'tower.txt': floors(5, 4, 3, 2, 1) })
      await repository.mergeUpstream()
      const base = await repository.head()
      await scene.pushUpstream({ 'secret.txt': 'password\n' })
      await repository.mergeUpstream()
      await scene.rewriteOrigin(base)
      await follow(repository)
      const tiled = floors(5, 4, 3, 2, '1, tiled')
      const commit = await scene.commitOn(two, roof, { 'tower.txt': tiled })
      await repository.takeIn(two, roof, scene.uploadPack(two))
      await scene.merge(walls, await scene.report(one, walls, { 'tower.txt': null }))
      expect(await repository.tryMerge(order(roof, commit))).toMatchObject({ type: 'conflict' })
      const work = { commit, base, earlier: [], origin: null }
      expect(await repository.discardedBy(work)).toEqual([])
    })

    it('may have what the new history kept, although its branch left the target before', async () => {
      await using scene = await begin(open)
      const { repository } = scene
      const base = await repository.head()
      await scene.commitOn(two, roof, { 'roof.txt': 'tiles\n' })
      await scene.pushUpstream({ 'door.txt': 'oak\n' })
      await repository.mergeUpstream()
      const kept = await repository.head()
      await scene.pushUpstream({ 'secret.txt': 'password\n' })
      await repository.mergeUpstream()
      await scene.rewriteOrigin(kept)
      await follow(repository)
      const commit = await scene.commitOn(two, roof, { 'door.txt': 'oak\n' })
      await repository.takeIn(two, roof, scene.uploadPack(two))
      const work = { commit, base, earlier: [], origin: null }
      expect(await repository.discardedBy(work)).toEqual([])
    })

    it('comes again as one commit when it was merged and conflicts', async () => {
      await using scene = await begin(open)
      const { repository } = scene
      const base = await repository.head()
      const published = await scene.merge(
        walls,
        await scene.report(one, walls, { 'walls.txt': 'brick\n' }),
      )
      await repository.publish()
      await scene.merge(
        roof,
        await scene.report(two, roof, { 'walls.txt': 'brick\ntiles\n', 'roof.txt': 'tiles\n' }),
      )
      await scene.rewriteOrigin(base)
      await follow(repository)
      const refused = await repository.takeIn(two, roof, scene.uploadPack(two))
      if (refused.type !== 'refused') throw new Error('it was taken in')
      const commit = await scene.bringOwnWork(two, roof, refused.reason)
      expect(await repository.takeIn(two, roof, scene.uploadPack(two))).toMatchObject({ commit })
      expect(await repository.includes(commit, published)).toBe(false)
    })
  })
})
