import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { TaskId, workerId } from '../../src/core/model/ids.ts'
import { begin, one, walls } from './git-intake-scene.ts'
import { operator } from './git-stage.ts'

const two = workerId(2)
const roof = TaskId('roof')

/** A hub whose origin says nothing before `answer` is called. */
async function beginSlow() {
  const scene = await begin()
  const [script, signal] = [join(scene.directory, 'ssh'), join(scene.directory, 'signal')]
  const wait = `while [ ! -e ${signal} ]; do sleep 0.05; done`
  await writeFile(script, `#!/bin/sh\n${wait}\nexec git upload-pack ${scene.origin}\n`)
  await chmod(script, 0o755)
  const environment = { ...operator, GIT_SSH_COMMAND: script, GIT_SSH_VARIANT: 'simple' }
  const repository = scene.repositoryWith({ origin: 'ssh://slow/origin.git', environment })
  return {
    ...scene,
    repository,
    answer: () => writeFile(signal, ''),
    land: async () => {
      const commit = await scene.commitOn(one, walls, { 'walls.txt': 'brick\n' })
      expect(await repository.takeIn(one, walls, scene.uploadPack(one))).toMatchObject({ commit })
      const merged = await scene.merge(commit)
      if (merged.type !== 'candidate') throw new Error(merged.type)
      expect(await repository.land(merged.commit, merged.base)).toBe(true)
      return merged.commit
    },
  }
}

describe('a fetch that hangs', () => {
  it('from the origin holds up no report and no merge, and is merged when it ends', async () => {
    await using scene = await beginSlow()
    await scene.push({ 'gate.txt': 'oak\n' })
    let isOver = false
    const fetched = scene.repository.mergeUpstream().finally(() => (isOver = true))
    const landed = await scene.land()
    expect(isOver).toBe(false)
    await scene.answer()
    expect(await fetched).toMatchObject({ type: 'merged' })
    expect(await scene.repository.includes(await scene.repository.head(), landed)).toBe(true)
    expect(await scene.repository.read('gate.txt')).toBe('oak\n')
  })

  it('from the origin does not take a push that ended meanwhile for a rewritten history', async () => {
    await using scene = await beginSlow()
    const fetched = scene.repository.mergeUpstream(undefined, async (job) => {
      await scene.land()
      expect(await scene.repositoryWith().publish()).toMatchObject({ type: 'published' })
      return job()
    })
    await scene.answer()
    expect(await fetched).toEqual({ type: 'unchanged' })
    expect(await scene.repository.mergeUpstream()).toEqual({ type: 'unchanged' })
  })

  it('from a worker holds up no report and no merge of another one', async () => {
    await using scene = await beginSlow()
    const end = join(scene.directory, 'end')
    const hanging = ['sh', '-c', `while [ ! -e ${end} ]; do sleep 0.05; done; exit 1`]
    let isOver = false
    const slow = scene.repository
      .takeIn(two, roof, hanging)
      .catch(String)
      .finally(() => (isOver = true))
    await scene.land()
    expect(isOver).toBe(false)
    await writeFile(end, '')
    expect(await slow).toContain('taking in task/roof of worker-2 failed')
  })
})
