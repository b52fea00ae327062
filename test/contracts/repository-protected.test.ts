import { describe, expect, it } from 'vitest'
import { begin, one, roof, scenes, two, walls } from '../support/repository-scenes.ts'

const workflow = '.github/workflows/release.yml'
const direction = 'PROJECT_DIRECTION.md'

describe.each(Object.entries(scenes))('%s', (_, open) => {
  describe('a change of protected paths', () => {
    it('comes with the candidate: its paths, the commits, and what to show a person', async () => {
      await using scene = await begin(open)
      const edits = { [workflow]: 'on: push\n', [direction]: 'Build a bridge.\n', 'a.txt': 'a\n' }
      const commit = await scene.report(one, walls, edits)
      const base = await scene.repository.head()
      const work = (await scene.candidate(walls, commit)).protected
      expect(work).toMatchObject({ paths: [workflow, direction], count: 2, base })
      if (work === null) return
      const shown = await scene.repository.describeProtected(work, 10_000)
      for (const part of [workflow, direction, '+on: push', '-Build a tower.', '+Build a bridge.'])
        expect(shown).toContain(part)
      expect(shown).not.toContain('a.txt')
      expect(await scene.repository.head()).toBe(base)
    })

    it('is none where the work touches other paths only', async () => {
      await using scene = await begin(open)
      const commit = await scene.report(one, walls, { 'github/release.yml': 'on: push\n' })
      expect((await scene.candidate(walls, commit)).protected).toBeNull()
    })

    it('has the same name when it is tried again on another target', async () => {
      await using scene = await begin(open)
      const commit = await scene.report(one, walls, { [workflow]: 'on: push\n' })
      const other = await scene.report(two, roof, { 'roof.txt': 'tiles\n' })
      const before = (await scene.candidate(walls, commit)).protected
      await scene.merge(roof, other)
      const after = (await scene.candidate(walls, commit)).protected
      expect(after?.content).toBe(before?.content)
      expect(after?.base).not.toBe(before?.base)
    })

    it('has another name when it says something else', async () => {
      await using scene = await begin(open)
      const first = await scene.report(one, walls, { [workflow]: 'on: push\n' })
      const before = (await scene.candidate(walls, first)).protected
      const second = await scene.report(one, walls, { [workflow]: 'on: [push, pull_request]\n' })
      const after = (await scene.candidate(walls, second)).protected
      expect(after?.content).not.toBe(before?.content)
    })

    it('is none where people made it on the origin, and the work only brings it', async () => {
      await using scene = await begin(open)
      await scene.pushUpstream({ [workflow]: 'on: push\n' })
      await scene.repository.mergeUpstream()
      const commit = await scene.report(one, walls, { 'walls.txt': 'brick\n' })
      expect((await scene.candidate(walls, commit)).protected).toBeNull()
      expect(await scene.repository.read(workflow)).toBe('on: push\n')
    })
  })
})
