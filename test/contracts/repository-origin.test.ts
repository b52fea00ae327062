import { describe, expect, it } from 'vitest'
import { begin, one, roof, scenes, walls } from '../support/repository-scenes.ts'

describe.each(Object.entries(scenes))('%s', (_, open) => {
  describe('the origin', () => {
    it('has nothing new without a push', async () => {
      await using scene = await begin(open)
      expect(await scene.repository.mergeUpstream()).toEqual({ type: 'unchanged' })
    })

    it("brings what others pushed beside the run's own work", async () => {
      await using scene = await begin(open)
      await scene.merge(walls, await scene.report(one, walls, { 'walls.txt': 'brick\n' }))
      await scene.pushUpstream({ 'garden.txt': 'roses\n' })
      const outcome = await scene.repository.mergeUpstream()
      expect(outcome).toEqual({
        type: 'merged',
        commit: await scene.repository.head(),
        taskLists: {},
      })
      expect(await scene.repository.read('garden.txt')).toBe('roses\n')
      expect(await scene.repository.read('walls.txt')).toBe('brick\n')
      expect(await scene.repository.mergeUpstream()).toEqual({ type: 'unchanged' })
    })

    it('leaves the target alone when what others pushed conflicts', async () => {
      await using scene = await begin(open)
      await scene.merge(walls, await scene.report(one, walls, { 'tower.txt': 'ours\n' }))
      const commit = await scene.pushUpstream({ 'tower.txt': 'theirs\n' })
      const before = await scene.repository.head()
      const conflict = { type: 'conflict', commit, paths: ['tower.txt'], taskLists: {} }
      expect(await scene.repository.mergeUpstream()).toEqual(conflict)
      expect(await scene.repository.mergeUpstream()).toEqual(conflict)
      expect(await scene.repository.head()).toBe(before)
    })

    it('reports a changed PROJECT_DIRECTION.md until it is settled', async () => {
      await using scene = await begin(open)
      const before = (await scene.repository.read('PROJECT_DIRECTION.md')) ?? ''
      await scene.pushUpstream({ 'PROJECT_DIRECTION.md': 'Build something else.\n' })
      const outcome = await scene.repository.mergeUpstream()
      expect(outcome).toMatchObject({
        type: 'merged',
        taskLists: { 'PROJECT_DIRECTION.md': { before, after: 'Build something else.\n' } },
      })
      expect(await scene.repository.mergeUpstream()).toEqual(outcome)
      await scene.repository.settleUpstream()
      expect(await scene.repository.mergeUpstream()).toEqual({ type: 'unchanged' })
    })

    it('describes both sides of a conflict', async () => {
      await using scene = await begin(open)
      await scene.merge(walls, await scene.report(one, walls, { 'tower.txt': 'ours\n' }))
      const commit = await scene.pushUpstream({ 'tower.txt': 'theirs\n', 'other.txt': 'x\n' })
      await scene.repository.mergeUpstream()
      const theirs = await scene.repository.describeUpstream(['tower.txt'], 2_000)
      expect(theirs).toContain('theirs')
      expect(theirs).not.toContain('ours')
      expect(theirs).not.toContain('other.txt')
      const ours = await scene.repository.describeChanges(commit, ['tower.txt'], 2_000)
      expect(ours).toContain('ours')
      expect(ours).not.toContain('theirs')
      const short = await scene.repository.describeUpstream(['tower.txt'], 30)
      expect(short.length).toBeLessThanOrEqual(30)
    })

    it("has nothing new once a worker's merge of a conflict has landed", async () => {
      await using scene = await begin(open)
      await scene.merge(walls, await scene.report(one, walls, { 'tower.txt': 'ours\n' }))
      const commit = await scene.pushUpstream({ 'tower.txt': 'theirs\n' })
      await scene.repository.mergeUpstream()
      const merge = await scene.mergeOrigin(one, roof)
      expect(await scene.repository.takeIn(one, roof, scene.uploadPack(one))).toMatchObject({
        type: 'taken-in',
        commit: merge,
      })
      expect(await scene.repository.includes(merge, commit)).toBe(true)
      expect(await scene.repository.includes(commit, merge)).toBe(false)
      await scene.merge(roof, merge)
      expect(await scene.repository.mergeUpstream()).toEqual({ type: 'unchanged' })
      expect(await scene.repository.publish()).toMatchObject({ type: 'published' })
      const there = await scene.readOrigin('main', 'tower.txt')
      expect(there).toContain('ours')
      expect(there).toContain('theirs')
    })

    it('reports the edits of lists in commits that conflict, once', async () => {
      await using scene = await begin(open)
      await scene.merge(walls, await scene.report(one, walls, { 'tower.txt': 'ours\n' }))
      const list = 'WORKER_1_TASK_LIST.md'
      await scene.pushUpstream({ 'tower.txt': 'theirs\n', [list]: '- [ ] walls: High walls\n' })
      const taskLists = {
        [list]: { before: '- [ ] walls: Walls\n', after: '- [ ] walls: High walls\n' },
      }
      expect(await scene.repository.mergeUpstream()).toMatchObject({ type: 'conflict', taskLists })
      expect(await scene.repository.mergeUpstream()).toMatchObject({ type: 'conflict', taskLists })
      await scene.repository.settleUpstream()
      expect(await scene.repository.mergeUpstream()).toMatchObject({
        type: 'conflict',
        taskLists: {},
      })
      await scene.pushUpstream({ [list]: '- [ ] walls: Low walls\n' })
      expect(await scene.repository.mergeUpstream()).toMatchObject({
        type: 'conflict',
        taskLists: {
          [list]: { before: '- [ ] walls: High walls\n', after: '- [ ] walls: Low walls\n' },
        },
      })
      await scene.repository.settleUpstream()
      const merge = await scene.mergeOrigin(one, roof)
      await scene.repository.takeIn(one, roof, scene.uploadPack(one))
      await scene.merge(roof, merge)
      expect(await scene.repository.mergeUpstream()).toEqual({ type: 'unchanged' })
    })

    it("reports what a human did to a task list, and the human's list counts", async () => {
      await using scene = await begin(open)
      await scene.repository.commitFiles(
        { 'WORKER_1_TASK_LIST.md': '- [x] walls: Walls\n' },
        'Tick\n',
      )
      await scene.pushUpstream({
        'WORKER_1_TASK_LIST.md': '- [ ] walls: High walls\n',
        'WORKER_2_TASK_LIST.md': '- [ ] moat: Moat\n',
      })
      expect(await scene.repository.mergeUpstream()).toMatchObject({
        type: 'merged',
        taskLists: {
          'WORKER_1_TASK_LIST.md': {
            before: '- [ ] walls: Walls\n',
            after: '- [ ] walls: High walls\n',
          },
          'WORKER_2_TASK_LIST.md': { before: '', after: '- [ ] moat: Moat\n' },
        },
      })
      expect(await scene.repository.read('WORKER_1_TASK_LIST.md')).toBe('- [ ] walls: High walls\n')
    })

    it('lets a human remove a task list', async () => {
      await using scene = await begin(open)
      await scene.repository.commitFiles(
        { 'WORKER_1_TASK_LIST.md': '- [x] walls: Walls\n' },
        'Tick\n',
      )
      await scene.pushUpstream({ 'WORKER_1_TASK_LIST.md': null })
      const taskLists = { 'WORKER_1_TASK_LIST.md': { before: '- [ ] walls: Walls\n', after: '' } }
      expect(await scene.repository.mergeUpstream()).toMatchObject({ type: 'merged', taskLists })
      expect(await scene.repository.read('WORKER_1_TASK_LIST.md')).toBeNull()
    })

    it('gets the target when it is published', async () => {
      await using scene = await begin(open)
      const commit = await scene.merge(
        walls,
        await scene.report(one, walls, { 'walls.txt': 'brick\n' }),
      )
      expect(await scene.repository.publish()).toEqual({ type: 'published', commit })
      expect(await scene.readOrigin('main', 'walls.txt')).toBe('brick\n')
      expect(await scene.repository.publish()).toEqual({ type: 'published', commit })
    })

    it('lacks the commits that were not pushed, and none after the push', async () => {
      await using scene = await begin(open)
      expect(await scene.repository.countUnpublished()).toBe(0)
      await scene.merge(walls, await scene.report(one, walls, { 'walls.txt': 'brick\n' }))
      expect(await scene.repository.countUnpublished()).toBe(2)
      await scene.repository.publish()
      expect(await scene.repository.countUnpublished()).toBe(0)
    })

    it('is never overwritten: what others pushed is merged first', async () => {
      await using scene = await begin(open)
      await scene.merge(walls, await scene.report(one, walls, { 'walls.txt': 'brick\n' }))
      await scene.pushUpstream({ 'garden.txt': 'roses\n' })
      expect(await scene.repository.publish()).toMatchObject({ type: 'refused', moved: true })
      expect(await scene.readOrigin('main', 'garden.txt')).toBe('roses\n')
      await scene.repository.mergeUpstream()
      expect(await scene.repository.publish()).toMatchObject({ type: 'published' })
      expect(await scene.readOrigin('main', 'garden.txt')).toBe('roses\n')
      expect(await scene.readOrigin('main', 'walls.txt')).toBe('brick\n')
    })

    it('gets a branch of its own when so configured', async () => {
      await using scene = await begin(open, { to: 'branch', branch: 'night' })
      await scene.merge(walls, await scene.report(one, walls, { 'walls.txt': 'brick\n' }))
      expect(await scene.repository.publish()).toMatchObject({ type: 'published' })
      expect(await scene.readOrigin('night', 'walls.txt')).toBe('brick\n')
      expect(await scene.readOrigin('main', 'walls.txt')).toBeNull()
      expect(await scene.repository.countUnpublished()).toBe(0)
    })

    it('gets nothing when so configured', async () => {
      await using scene = await begin(open, { to: 'none' })
      const commit = await scene.merge(
        walls,
        await scene.report(one, walls, { 'walls.txt': 'brick\n' }),
      )
      expect(await scene.repository.publish()).toEqual({ type: 'published', commit })
      expect(await scene.readOrigin('main', 'walls.txt')).toBeNull()
    })
  })
})
