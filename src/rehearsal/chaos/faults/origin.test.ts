import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOrigin, git } from '../../sample/repository.ts'
import type { FaultContext, Inject, Injection } from '../world/fault-context.ts'
import type { PlannedFault } from '../world/schedule.ts'
import { hangOrigin, refusePushes, slowPushes } from './origin.ts'

let root: string
let origin: string
let clone: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'origin-'))
  origin = join(root, 'origin.git')
  clone = join(root, 'clone')
  await createOrigin(origin, 'main', [{ path: 'README.md', text: 'hello\n' }])
  await git(root, 'clone', '--quiet', origin, clone)
  await git(clone, 'commit', '--quiet', '--allow-empty', '--message', 'more')
})
afterEach(() => rm(root, { recursive: true }))

async function struck(inject: Inject): Promise<Injection> {
  const scene = { setup: { root, origin, state: root } } as unknown as FaultContext
  const injection = await inject(scene, {} as PlannedFault)
  if (injection === null) throw new Error('nothing was struck')
  return injection
}

/** Whether a command of git has ended, as far as it is known. */
function watched(work: Promise<unknown>) {
  let state: 'waiting' | 'done' | 'failed' = 'waiting'
  const ended = work.then(
    () => (state = 'done'),
    () => (state = 'failed'),
  )
  return { ended, state: () => state }
}

const push = (): Promise<string> => git(clone, 'push', '--quiet', 'origin', 'main')

describe('an origin', () => {
  it('refuses pushes until that is over', async () => {
    const { heal } = await struck(refusePushes)
    await expect(push()).rejects.toThrow('frozen')
    await heal?.()
    await push()
  })

  it('takes a push only when it is no longer slow', async () => {
    const { heal } = await struck(slowPushes)
    const pushing = watched(push())
    await git(clone, 'ls-remote', 'origin')
    expect(pushing.state()).toBe('waiting')
    await heal?.()
    expect(await pushing.ended).toBe('done')
  })

  it('hangs for every call, and is as before when that is over', async () => {
    const { heal } = await struck(hangOrigin)
    const calls = [watched(push()), watched(git(clone, 'ls-remote', 'origin'))]
    await git(clone, 'status')
    expect(calls.map(({ state }) => state())).toEqual(['waiting', 'waiting'])
    await heal?.()
    await Promise.all(calls.map(({ ended }) => ended))
    await push()
    expect(await git(origin, 'rev-parse', 'HEAD')).toBe(await git(clone, 'rev-parse', 'HEAD'))
  })

  it('that hung while no call came is as before', async () => {
    const { heal } = await struck(hangOrigin)
    await heal?.()
    await push()
  })
})
