import { describe, expect, it } from 'vitest'
import { BackupId } from '../../src/core/model/ids.ts'
import { begin, one, scenes, two, walls } from '../support/repository-scenes.ts'

const first = BackupId('worker-1/walls/1')
const second = BackupId('worker-1/walls/2')

describe.each(Object.entries(scenes))('%s', (_, open) => {
  const stage = async () => {
    const scene = await begin(open)
    const save = (backup: BackupId) =>
      scene.repository.backUp(one, walls, backup, scene.salvage(one, walls))
    return { ...scene, save }
  }

  describe('a backup', () => {
    it('keeps commits that were never reported', async () => {
      await using scene = await stage()
      const commit = await scene.commitOn(one, walls, { 'walls.txt': 'brick\n' })
      expect(await scene.save(first)).toEqual({ type: 'saved', commit })
    })

    it('keeps what a worker committed on another branch than that of its task', async () => {
      await using scene = await stage()
      await scene.commitOn(one, walls, { 'walls.txt': 'brick\n' })
      const commit = await scene.commitElsewhere(one, walls, { 'door.txt': 'oak\n' })
      expect(await scene.save(first)).toEqual({ type: 'saved', commit })
    })

    it('keeps what was not even committed', async () => {
      await using scene = await stage()
      const commit = await scene.commitOn(one, walls, { 'walls.txt': 'brick\n' })
      await scene.leave(one, walls, { 'walls.txt': 'stone\n', 'door.txt': 'oak\n' })
      const outcome = await scene.save(first)
      expect(outcome).toMatchObject({ type: 'saved' })
      expect(outcome).not.toEqual({ type: 'saved', commit })
    })

    it('of the same work is kept once, until it is forgotten', async () => {
      await using scene = await stage()
      await scene.commitOn(one, walls, { 'walls.txt': 'brick\n' })
      await scene.leave(one, walls, { 'walls.txt': 'stone\n' })
      const saved = await scene.save(first)
      expect(await scene.save(second)).toEqual({ type: 'unchanged' })
      await scene.repository.forgetBackup(first)
      await scene.repository.forgetBackup(first)
      expect(await scene.save(second)).toEqual(saved)
    })

    it('is saved again under its own name when its acknowledgement was lost', async () => {
      await using scene = await stage()
      await scene.commitOn(one, walls, { 'walls.txt': 'brick\n' })
      await scene.leave(one, walls, { 'walls.txt': 'stone\n' })
      const saved = await scene.save(first)
      expect(saved).toMatchObject({ type: 'saved' })
      expect(await scene.save(first)).toEqual(saved)
    })

    it('comes into the workspace of the worker that goes on with its task', async () => {
      await using scene = await stage()
      await scene.commitOn(one, walls, { 'walls.txt': 'brick\n' })
      await scene.commitOn(two, walls, { 'walls.txt': 'clay\n' })
      await scene.leave(one, walls, { 'door.txt': 'oak\n' })
      const saved = await scene.save(first)
      const deliver = () => scene.repository.deliverBackup(two, first, scene.receivePack(two))
      const ref = await deliver()
      expect(await deliver()).toBe(ref)
      expect(saved).toEqual({ type: 'saved', commit: await scene.delivered(two, ref ?? '') })
      await scene.repository.forgetBackup(first)
      expect(await deliver()).toBeNull()
    })

    it('is not made of what was taken in, nor of what has landed', async () => {
      await using scene = await stage()
      const commit = await scene.report(one, walls, { 'walls.txt': 'brick\n' })
      expect(await scene.save(first)).toEqual({ type: 'unchanged' })
      await scene.merge(walls, commit)
      expect(await scene.save(first)).toEqual({ type: 'unchanged' })
    })
  })
  describe('a report from another branch', () => {
    it('brings nothing of it until the work is on the branch of the task', async () => {
      await using scene = await stage()
      const commit = await scene.report(one, walls, { 'walls.txt': 'brick\n' })
      await scene.commitElsewhere(one, walls, { 'door.txt': 'oak\n' })
      const takeIn = () => scene.repository.takeIn(one, walls, scene.uploadPack(one))
      expect(await takeIn()).toMatchObject({ type: 'taken-in', commit })
      const whole = await scene.putBack(one, walls)
      expect(await takeIn()).toMatchObject({ type: 'taken-in', commit: whole })
      await scene.merge(walls, whole)
      expect(await scene.repository.read('door.txt')).toBe('oak\n')
    })
  })
})
