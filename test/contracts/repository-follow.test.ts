import { describe, expect, it } from 'vitest'
import { begin, follow, one, roof, scenes, two, walls } from '../support/repository-scenes.ts'

type Open = (typeof scenes)[string]

/** The origin had `walls`, which a human removes; it never had `roof`. */
async function halfPublished(open: Open) {
  const scene = await begin(open)
  const base = await scene.repository.head()
  const published = await scene.merge(
    walls,
    await scene.report(one, walls, { 'walls.txt': 'brick\n' }),
  )
  await scene.repository.publish()
  const work = await scene.report(two, roof, { 'roof.txt': 'tiles\n' })
  const own = await scene.merge(roof, work, { 'WORKER_2_TASK_LIST.md': '- [x] roof\n' })
  await scene.rewriteOrigin(base)
  return { scene, base, published, work, own }
}

describe.each(Object.entries(scenes))('%s', (_, open) => {
  describe('a target that follows a rewritten origin', () => {
    it('keeps what the origin never had, and not what a person removed there', async () => {
      const { scene, base, published, work, own } = await halfPublished(open)
      await using _scene = scene
      const { repository } = scene
      const { outcome } = await follow(repository)
      const head = await repository.head()
      expect(outcome).toMatchObject({
        head,
        replayed: [{ task: roof, from: own, to: head, work }],
        returned: [],
        removed: [{ task: walls, from: published }],
      })
      expect(await repository.read('roof.txt')).toBe('tiles\n')
      expect(await repository.read('walls.txt')).toBeNull()
      expect(await repository.read('WORKER_2_TASK_LIST.md')).toBeNull()
      expect(await repository.includes(head, base)).toBe(true)
      for (const old of [published, own, work])
        expect(await repository.includes(head, old)).toBe(false)
    })

    it('is pushed over the new head without a part of the old history', async () => {
      const { scene } = await halfPublished(open)
      await using _scene = scene
      await follow(scene.repository)
      expect(await scene.repository.publish()).toMatchObject({ type: 'published' })
      expect(await scene.readOrigin('main', 'roof.txt')).toBe('tiles\n')
      expect(await scene.readOrigin('main', 'walls.txt')).toBeNull()
      expect(await scene.repository.mergeUpstream()).toEqual({ type: 'unchanged' })
    })

    it('is the outcome of a repeated call, which moves nothing', async () => {
      const { scene } = await halfPublished(open)
      await using _scene = scene
      const { answer, outcome } = await follow(scene.repository)
      expect(await scene.repository.mergeUpstream(answer)).toEqual(outcome)
      expect(await scene.repository.head()).toBe(outcome.head)
    })

    it('may follow again, without what the first time removed', async () => {
      const { scene, base } = await halfPublished(open)
      await using _scene = scene
      const { repository } = scene
      const first = await follow(repository)
      await repository.publish()
      await scene.rewriteOrigin(base)
      const { outcome } = await follow(repository)
      expect(outcome).toMatchObject({
        head: base,
        replayed: [],
        removed: [{ task: roof, from: first.outcome.head }],
      })
      expect(outcome.former).not.toBe(first.outcome.former)
    })

    it('does not move while the origin is at another head than the person judged', async () => {
      const { scene, published, base } = await halfPublished(open)
      await using _scene = scene
      const { repository } = scene
      const head = await repository.head()
      const judged = { verdict: 'follow', before: published, after: published } as const
      expect(await repository.mergeUpstream(judged)).toMatchObject({
        type: 'rewritten',
        after: base,
      })
      expect(await repository.head()).toBe(head)
    })

    it('does not move when the origin was put back before the answer', async () => {
      const { scene, published } = await halfPublished(open)
      await using _scene = scene
      const { repository } = scene
      const rewrite = await repository.mergeUpstream()
      if (rewrite.type !== 'rewritten') throw new Error('it was not rewritten')
      await scene.rewriteOrigin(published)
      const head = await repository.head()
      const answer = { ...rewrite, verdict: 'follow' } as const
      expect(await repository.mergeUpstream(answer)).toEqual({ type: 'unchanged' })
      expect(await repository.head()).toBe(head)
    })

    it('takes what was pushed onto the new head with the next fetch', async () => {
      const { scene } = await halfPublished(open)
      await using _scene = scene
      const { repository } = scene
      const rewrite = await repository.mergeUpstream()
      if (rewrite.type !== 'rewritten') throw new Error('it was not rewritten')
      await scene.pushUpstream({ 'garden.txt': 'roses\n' })
      const answer = { ...rewrite, verdict: 'follow' } as const
      expect(await repository.mergeUpstream(answer)).toMatchObject({ type: 'followed' })
      expect(await repository.mergeUpstream()).toMatchObject({ type: 'merged' })
      expect(await repository.read('garden.txt')).toBe('roses\n')
      expect(await repository.read('roof.txt')).toBe('tiles\n')
    })

    it('leaves out work that conflicts with the new history, and names its files', async () => {
      await using scene = await begin(open)
      const { repository } = scene
      const base = await repository.head()
      await scene.merge(walls, await scene.report(one, walls, { 'tower.txt': 'walls\n' }))
      await repository.publish()
      const work = await scene.report(two, roof, { 'tower.txt': 'walls\nroof\n' })
      const own = await scene.merge(roof, work)
      await scene.rewriteOrigin(base)
      const { outcome } = await follow(repository)
      expect(outcome).toMatchObject({
        head: base,
        replayed: [],
        returned: [{ task: roof, from: own, work, paths: ['tower.txt'] }],
      })
    })
  })
})
