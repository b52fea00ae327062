import { describe, expect, it } from 'vitest'
import { begin, files, one, roof, scenes, two, walls } from '../support/repository-scenes.ts'

describe.each(Object.entries(scenes))('%s', (_, open) => {
  describe('the target', () => {
    it('is where the origin is, and being made ready twice changes nothing', async () => {
      await using scene = await begin(open)
      const { head } = await scene.repository.ensureReady()
      expect(await scene.repository.head()).toBe(head)
      expect(await scene.repository.ensureReady()).toEqual({ head })
    })

    it('is read as it was committed', async () => {
      await using scene = await begin(open)
      expect(await scene.repository.read('tower.txt')).toBe(files['tower.txt'])
      expect(await scene.repository.read('cellar.txt')).toBeNull()
    })

    it('shows the task lists of its root', async () => {
      await using scene = await begin(open)
      const own = {
        'WORKER_2_TASK_LIST.md': 'ä\n',
        'WORKER_x_TASK_LIST.md': 'not one',
        'docs/WORKER_3_TASK_LIST.md': 'not one',
      }
      await scene.repository.commitFiles(own, 'Add lists\n')
      const shown = await scene.repository.rootFiles()
      const inRoot = Object.keys({ ...files, ...own }).filter((path) => !path.includes('/'))
      expect(shown.toSorted()).toEqual(inRoot.toSorted())
      expect(await scene.repository.taskLists()).toEqual({
        'WORKER_1_TASK_LIST.md': '- [ ] walls: Walls\n',
        'WORKER_2_TASK_LIST.md': 'ä\n',
      })
    })

    it('gets own files, once', async () => {
      await using scene = await begin(open)
      const before = await scene.repository.head()
      const commit = await scene.repository.commitFiles(
        { 'WORKER_1_TASK_LIST.md': '', 'docs/a "b".md': 'deep\n' },
        'Write\n',
      )
      expect(commit).not.toBe(before)
      expect(await scene.repository.head()).toBe(commit)
      expect(await scene.repository.read('docs/a "b".md')).toBe('deep\n')
      expect(await scene.repository.read('WORKER_1_TASK_LIST.md')).toBe('')
      expect(await scene.repository.commitFiles({ 'docs/a "b".md': 'deep\n' }, 'Write\n')).toBe(
        commit,
      )
    })

    it('loses the own files that are to be removed', async () => {
      await using scene = await begin(open)
      const gone = { 'WORKER_1_TASK_LIST.md': null, 'WORKER_9_TASK_LIST.md': null }
      const commit = await scene.repository.commitFiles(gone, 'Remove\n')
      expect(await scene.repository.taskLists()).toEqual({})
      expect(await scene.repository.commitFiles(gone, 'Remove\n')).toBe(commit)
    })
  })

  describe('an intake', () => {
    it('answers the branch tip and how many commits it brings, as often as it is asked', async () => {
      await using scene = await begin(open)
      await scene.commitOn(one, walls, { 'walls.txt': 'brick\n' })
      const commit = await scene.commitOn(one, walls, { 'walls.txt': 'stone\n' })
      const taken = { type: 'taken-in', commit, commits: 2, earlier: [] }
      expect(await scene.repository.takeIn(one, walls, scene.uploadPack(one))).toEqual(taken)
      expect(await scene.repository.takeIn(one, walls, scene.uploadPack(one))).toEqual(taken)
    })

    it('refuses a branch that is not there, by name', async () => {
      await using scene = await begin(open)
      await scene.commitOn(one, walls, { 'walls.txt': 'brick\n' })
      const outcome = await scene.repository.takeIn(one, roof, scene.uploadPack(one))
      expect(outcome).toMatchObject({
        type: 'refused',
        reason: expect.stringContaining('task/roof') as string,
      })
    })

    it('refuses a branch without a commit of its own', async () => {
      await using scene = await begin(open)
      await scene.merge(walls, await scene.report(one, walls, { 'walls.txt': 'brick\n' }))
      const outcome = await scene.repository.takeIn(one, walls, scene.uploadPack(one))
      expect(outcome).toMatchObject({
        type: 'refused',
        reason: expect.stringContaining('no commit') as string,
      })
    })

    it('refuses a branch that lacks what was handed in before', async () => {
      await using scene = await begin(open)
      await scene.commitOn(two, walls, { 'door.txt': 'pine\n' })
      await scene.report(one, walls, { 'walls.txt': 'brick\n' })
      const outcome = await scene.repository.takeIn(two, walls, scene.uploadPack(two))
      expect(outcome).toMatchObject({
        type: 'refused',
        reason: expect.stringContaining('lacks') as string,
      })
    })

    it('takes in work that was amended after it was reported, and knows the former tip', async () => {
      await using scene = await begin(open)
      const former = await scene.report(one, walls, { 'walls.txt': 'brick\n' })
      const commit = await scene.amend(one, walls, { 'walls.txt': 'stone\n' })
      await scene.ready(one, walls)
      expect(await scene.repository.takeIn(one, walls, scene.uploadPack(one))).toEqual({
        type: 'taken-in',
        commit,
        commits: 1,
        earlier: [former],
      })
    })

    it('is where another worker goes on', async () => {
      await using scene = await begin(open)
      await scene.report(one, walls, { 'walls.txt': 'brick\n' })
      const commit = await scene.commitOn(two, walls, { 'door.txt': 'oak\n' })
      expect(await scene.repository.takeIn(two, walls, scene.uploadPack(two))).toEqual({
        type: 'taken-in',
        commit,
        commits: 2,
        earlier: [],
      })
    })
  })
})
