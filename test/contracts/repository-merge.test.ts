import { describe, expect, it } from 'vitest'
import { TaskId, workerId } from '../../src/core/model/ids.ts'
import { begin, files, one, order, roof, scenes, two, walls } from '../support/repository-scenes.ts'

describe.each(Object.entries(scenes))('%s', (_, open) => {
  describe('a merge', () => {
    it('moves the target when it lands and not before', async () => {
      await using scene = await begin(open)
      const commit = await scene.report(one, walls, { 'walls.txt': 'brick\n' })
      const before = await scene.repository.head()
      const candidate = await scene.candidate(walls, commit)
      expect(candidate.base).toBe(before)
      expect(await scene.repository.head()).toBe(before)
      expect(await scene.repository.land(candidate.commit, candidate.base)).toBe(true)
      expect(await scene.repository.head()).toBe(candidate.commit)
      expect(await scene.repository.read('walls.txt')).toBe('brick\n')
      expect(await scene.readOrigin('main', 'walls.txt')).toBeNull()
    })

    it('joins changes to different lines of one file', async () => {
      await using scene = await begin(open)
      const top = await scene.report(one, roof, {
        'tower.txt': files['tower.txt'].replace('top', 'spire'),
      })
      const base = await scene.report(two, walls, {
        'tower.txt': files['tower.txt'].replace('ground', 'rock'),
      })
      await scene.merge(roof, top)
      await scene.merge(walls, base)
      expect(await scene.repository.read('tower.txt')).toBe(
        'spire\nfloor three\nfloor two\nfloor one\nrock\n',
      )
    })

    it('names the paths in conflict and the tasks that landed them', async () => {
      await using scene = await begin(open)
      const mine = await scene.report(one, roof, {
        'tower.txt': files['tower.txt'].replace('top', 'spire'),
      })
      const other = await scene.report(two, walls, {
        'tower.txt': files['tower.txt'].replace('top', 'dome'),
      })
      const third = await scene.report(workerId(3), TaskId('moat'), { 'moat.txt': 'water\n' })
      await scene.merge(walls, other)
      await scene.merge(TaskId('moat'), third)
      const before = await scene.repository.head()
      expect(await scene.repository.tryMerge(order(roof, mine))).toEqual({
        type: 'conflict',
        paths: ['tower.txt'],
        tasks: [walls],
      })
      expect(await scene.repository.head()).toBe(before)
    })

    it('describes the other side of a conflict within the limit', async () => {
      await using scene = await begin(open)
      const mine = await scene.report(one, roof, {
        'tower.txt': files['tower.txt'].replace('top', 'spire'),
      })
      await scene.merge(
        walls,
        await scene.report(two, walls, { 'tower.txt': files['tower.txt'].replace('top', 'dome') }),
      )
      const described = await scene.repository.describeChanges(mine, ['tower.txt'], 2_000)
      expect(described).toContain('walls: Build it')
      expect(described).toContain('dome')
      expect(
        (await scene.repository.describeChanges(mine, ['tower.txt'], 60)).length,
      ).toBeLessThanOrEqual(60)
    })

    it('writes own files and drops what the branch did to task lists', async () => {
      await using scene = await begin(open)
      const edits = {
        'walls.txt': 'brick\n',
        'WORKER_1_TASK_LIST.md': 'mine!\n',
        'WORKER_2_TASK_LIST.md': 'forged\n',
      }
      const commit = await scene.report(one, walls, edits)
      await scene.repository.commitFiles(
        { 'WORKER_1_TASK_LIST.md': '- [ ] walls: Walls, high\n' },
        'Amend\n',
      )
      await scene.merge(walls, commit, { 'WORKER_1_TASK_LIST.md': '- [x] walls: Walls, high\n' })
      expect(await scene.repository.taskLists()).toEqual({
        'WORKER_1_TASK_LIST.md': '- [x] walls: Walls, high\n',
      })
      expect(await scene.repository.read('walls.txt')).toBe('brick\n')
    })

    it('keeps the lists of the target when the branch removes them', async () => {
      await using scene = await begin(open)
      await scene.merge(
        walls,
        await scene.report(one, walls, { 'walls.txt': 'brick\n', 'WORKER_1_TASK_LIST.md': null }),
      )
      expect(await scene.repository.taskLists()).toEqual({
        'WORKER_1_TASK_LIST.md': files['WORKER_1_TASK_LIST.md'],
      })
    })

    it('is made also of what changes nothing, so that every commit is found from the target', async () => {
      await using scene = await begin(open)
      const commit = await scene.report(one, walls, {
        'WORKER_1_TASK_LIST.md': '- [x] walls: Walls\n',
      })
      const landed = await scene.merge(walls, commit)
      expect(await scene.repository.findLanded(walls, commit)).toBe(landed)
      expect(await scene.repository.taskLists()).toEqual({
        'WORKER_1_TASK_LIST.md': files['WORKER_1_TASK_LIST.md'],
      })
    })

    it('is not made of what the target has already', async () => {
      await using scene = await begin(open)
      const commit = await scene.report(one, walls, { 'walls.txt': 'brick\n' })
      await scene.merge(walls, commit)
      expect(await scene.repository.tryMerge(order(walls, commit))).toEqual({ type: 'contained' })
    })

    it('does not land on a target that moved, but its next candidate does', async () => {
      await using scene = await begin(open)
      const commit = await scene.report(one, walls, { 'walls.txt': 'brick\n' })
      const late = await scene.candidate(walls, commit)
      const moved = await scene.repository.commitFiles(
        { 'WORKER_1_TASK_LIST.md': 'new\n' },
        'Amend\n',
      )
      expect(await scene.repository.land(late.commit, late.base)).toBe(false)
      expect(await scene.repository.head()).toBe(moved)
      await scene.merge(walls, commit)
      expect(await scene.repository.read('walls.txt')).toBe('brick\n')
    })

    it('lands nothing but a merge onto the base', async () => {
      await using scene = await begin(open)
      const commit = await scene.report(one, walls, { 'walls.txt': 'brick\n' })
      await expect(scene.repository.land(commit, await scene.repository.head())).rejects.toThrow(
        commit,
      )
    })

    it('is found by its task and commit once it has landed', async () => {
      await using scene = await begin(open)
      const commit = await scene.report(one, walls, { 'walls.txt': 'brick\n' })
      await scene.candidate(walls, commit)
      expect(await scene.repository.findLanded(walls, commit)).toBeNull()
      const landed = await scene.merge(walls, commit)
      await scene.merge(roof, await scene.report(two, roof, { 'roof.txt': 'tiles\n' }))
      expect(await scene.repository.findLanded(walls, commit)).toBe(landed)
      expect(await scene.repository.findLanded(roof, commit)).toBeNull()
    })
  })
})
