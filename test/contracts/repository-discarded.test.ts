import { describe, expect, it } from 'vitest'
import type { Commit } from '../../src/core/model/ids.ts'
import type { Edits } from '../fakes/three-way.ts'
import { begin, files, one, roof, scenes, two, walls } from '../support/repository-scenes.ts'

/** A file in which two workers change places that are far from each other. */
const house = ['roof', ...Array.from({ length: 20 }, (_, n) => `room ${n}`), 'cellar', ''].join(
  '\n',
)

describe.each(Object.entries(scenes))('%s', (_, open) => {
  /** `roof` begins with its own edits; then others land theirs as `walls`. */
  const stage = async (own: Edits, theirs: Edits) => {
    const scene = await begin(open)
    await scene.merge(walls, await scene.report(two, walls, { 'house.txt': house }))
    const base = await scene.repository.head()
    await scene.commitOn(one, roof, own)
    const landing = await scene.report(two, walls, theirs)
    await scene.merge(walls, landing)
    let reported: Commit | null = null
    const report = async (): Promise<readonly string[]> => {
      await scene.ready(one, roof)
      const outcome = await scene.repository.takeIn(one, roof, scene.uploadPack(one))
      if (outcome.type !== 'taken-in') throw new Error(outcome.reason)
      const earlier = [...outcome.earlier, ...(reported === null ? [] : [reported])]
      reported = outcome.commit
      return scene.repository.discardedBy({ commit: outcome.commit, base, earlier, origin: null })
    }
    return { ...scene, report }
  }
  const spire = { 'tower.txt': files['tower.txt'].replace('top', 'spire') }
  const dome = { 'tower.txt': files['tower.txt'].replace('top', 'dome') }

  describe('a report', () => {
    it('brings nothing back when its branch never met the changes of others', async () => {
      await using scene = await stage(spire, { ...dome, 'walls.txt': 'brick\n' })
      expect(await scene.report()).toEqual([])
    })

    it('brings back what a squash by a soft reset undoes: files, edits and hunks', async () => {
      await using scene = await stage(
        { 'house.txt': house.replace('roof', 'tiles'), 'roof.txt': 'new\n' },
        {
          'walls.txt': 'brick\n',
          'tower.txt': files['tower.txt'].replace('ground', 'rock'),
          'house.txt': house.replace('cellar', 'vault'),
        },
      )
      await scene.squash(one, roof)
      expect(await scene.report()).toEqual(['house.txt', 'tower.txt', 'walls.txt'])
    })

    it('brings back a file that others removed, when a squash restores it', async () => {
      await using scene = await stage({ 'roof.txt': 'new\n' }, { 'house.txt': null })
      await scene.squash(one, roof)
      expect(await scene.report()).toEqual(['house.txt'])
    })

    it('is free of it once the paths are restored', async () => {
      const theirs = { 'tower.txt': files['tower.txt'].replace('ground', 'rock') }
      await using scene = await stage({ 'roof.txt': 'new\n' }, theirs)
      await scene.squash(one, roof)
      expect(await scene.report()).toEqual(['tower.txt'])
      await scene.commitOn(one, roof, theirs)
      expect(await scene.report()).toEqual([])
    })

    it('brings nothing back after a rebase without conflict, nor after a squash of that', async () => {
      await using scene = await stage(
        { 'house.txt': house.replace('roof', 'tiles') },
        { 'house.txt': house.replace('cellar', 'vault'), 'walls.txt': 'brick\n' },
      )
      await scene.rebase(one, roof, null)
      expect(await scene.report()).toEqual([])
      await scene.squash(one, roof)
      expect(await scene.report()).toEqual([])
    })

    it('brings nothing back after a rebase that keeps both sides of a conflict', async () => {
      await using scene = await stage(spire, dome)
      await scene.rebase(one, roof, 'both')
      expect(await scene.report()).toEqual([])
    })

    it('names a renamed file by the path that others know', async () => {
      const theirs = { 'house.txt': house.replace('cellar', 'vault') }
      await using scene = await stage({ 'roof.txt': 'new\n' }, theirs)
      await scene.rename(one, roof, 'house.txt', 'palace.txt')
      await scene.squash(one, roof)
      expect(await scene.report()).toEqual(['house.txt'])
      await scene.commitOn(one, roof, theirs)
      expect(await scene.report()).toEqual([])
    })

    it("brings back what a rebase with the worker's own side leaves out", async () => {
      await using scene = await stage(spire, dome)
      await scene.rebase(one, roof, 'ours')
      expect(await scene.report()).toEqual(['tower.txt'])
    })

    it('brings back what a merge leaves out, also where another hunk of the file came in', async () => {
      await using scene = await stage(
        { 'house.txt': house.replace('roof', 'tiles') },
        { 'house.txt': house.replace('roof', 'straw').replace('cellar', 'vault') },
      )
      // The fake merges one hunk of a file, so that it takes the worker's side whole.
      await scene.mergeTarget(one, roof, 'ours')
      expect(await scene.report()).toEqual(['house.txt'])
    })

    it('brings nothing back when the merge has both sides', async () => {
      await using scene = await stage(spire, dome)
      const both = { 'tower.txt': files['tower.txt'].replace('top', 'spire on a dome') }
      await scene.mergeTarget(one, roof, both)
      expect(await scene.report()).toEqual([])
    })

    it('brings nothing back when it renames a file and carries the edit of others along', async () => {
      const edited = house.replace('cellar', 'vault')
      await using scene = await stage(
        { 'house.txt': null, 'palace.txt': house },
        { 'house.txt': edited },
      )
      await scene.mergeTarget(one, roof, { 'house.txt': null, 'palace.txt': edited })
      expect(await scene.report()).toEqual([])
    })

    it('brings nothing back when its own side has all that others wrote, and more', async () => {
      const own = house.replace('cellar', 'cellar\nwell\npump')
      await using scene = await stage(
        { 'house.txt': own },
        { 'house.txt': house.replace('cellar', 'cellar\nwell') },
      )
      await scene.mergeTarget(one, roof, { 'house.txt': own })
      expect(await scene.report()).toEqual([])
    })

    it('may amend its own commits, also those that were reported', async () => {
      await using scene = await stage(spire, { 'walls.txt': 'brick\n' })
      expect(await scene.report()).toEqual([])
      await scene.amend(one, roof, { 'tower.txt': 'no tower\n' })
      expect(await scene.report()).toEqual([])
    })
  })
})
