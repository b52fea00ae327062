import { describe, expect, it } from 'vitest'
import { begin, files, one, order, roof, scenes, two, walls } from '../support/repository-scenes.ts'

describe.each(Object.entries(scenes))('%s', (_, open) => {
  const rock = { 'tower.txt': files['tower.txt'].replace('ground', 'rock') }

  /** Renames the tower and reports that. */
  const stage = async () => {
    const scene = await begin(open)
    await scene.commitOn(one, roof, { 'roof.txt': 'tiles\n' })
    const renamed = await scene.rename(one, roof, 'tower.txt', 'spire.txt')
    await scene.repository.takeIn(one, roof, scene.uploadPack(one))
    return { ...scene, renamed }
  }

  describe('a file that a worker renamed', () => {
    it('gets what others changed under its former name meanwhile', async () => {
      await using scene = await stage()
      await scene.merge(walls, await scene.report(two, walls, rock))
      await scene.merge(roof, scene.renamed)
      expect(await scene.repository.read('spire.txt')).toBe(rock['tower.txt'])
      expect(await scene.repository.read('tower.txt')).toBeNull()
    })

    it('gets what is reported for its former name later, also by people', async () => {
      await using scene = await stage()
      const late = await scene.report(two, walls, rock)
      await scene.merge(roof, scene.renamed)
      await scene.merge(walls, late)
      expect(await scene.repository.read('spire.txt')).toBe(rock['tower.txt'])
      await scene.pushUpstream({ 'tower.txt': files['tower.txt'].replace('top', 'dome') })
      expect(await scene.repository.mergeUpstream()).toMatchObject({ type: 'merged' })
      expect(await scene.repository.read('spire.txt')).toContain('dome')
    })

    it('is in conflict under two new names', async () => {
      await using scene = await stage()
      await scene.commitOn(two, walls, { 'walls.txt': 'brick\n' })
      const other = await scene.rename(two, walls, 'tower.txt', 'minaret.txt')
      await scene.repository.takeIn(two, walls, scene.uploadPack(two))
      await scene.merge(roof, scene.renamed)
      expect(await scene.repository.tryMerge(order(walls, other))).toMatchObject({
        type: 'conflict',
        paths: ['minaret.txt', 'spire.txt', 'tower.txt'],
      })
    })
  })
})
