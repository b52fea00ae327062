import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Commit } from '../../src/core/model/ids.ts'
import { git, openStage, type Stage } from './git-stage.ts'
import { holdPush } from './origin-hook.ts'

const write = { 'WORKER_1_TASK_LIST.md': 'x' }
const originHead = async (stage: Stage) => Commit(await git(stage.origin, 'rev-parse', 'main'))

/** A push that the origin has run the hook for, and to which the server has no answer. */
async function pushing(stage: Stage, name: 'pre-receive' | 'post-receive', pushMs = 60_000) {
  const repository = stage.repository({ patience: { fetchMs: 60_000, pushMs } })
  const { head: base } = await repository.ensureReady()
  await repository.mergeUpstream()
  const commit = await repository.commitFiles(write, 'Write\n')
  const held = await holdPush(stage, name)
  const answer = repository.publish()
  await held.untilItRuns()
  return { repository, base, commit, answer, ...held }
}

/** The hub as a server leaves it that is killed now, opened by the next one. */
async function nextServer(stage: Stage) {
  const path = join(stage.directory, 'next/hub.git')
  await cp(stage.hub, path, { recursive: true })
  const repository = stage.repository({ path, backups: join(stage.directory, 'next/backups.git') })
  await repository.ensureReady()
  return repository
}

describe('a server that is killed while it pushes', () => {
  it('notices that a person took back what had arrived', async () => {
    await using stage = await openStage()
    const { base, commit, answer, letGo } = await pushing(stage, 'post-receive')
    expect(await originHead(stage)).toBe(commit)
    await stage.rewriteOrigin(base)
    const repository = await nextServer(stage)
    const rewritten = { type: 'rewritten', before: commit, after: base }
    expect(await repository.mergeUpstream()).toEqual(rewritten)
    expect(await repository.publish()).toMatchObject({ type: 'refused', moved: true })
    expect(await originHead(stage)).toBe(base)
    await letGo()
    await answer
  })

  it('pushes nothing before it has fetched', async () => {
    await using stage = await openStage()
    const { base, answer, letGo } = await pushing(stage, 'post-receive')
    await stage.rewriteOrigin(base)
    const repository = await nextServer(stage)
    expect(await repository.publish()).toMatchObject({ type: 'refused', moved: true })
    expect(await originHead(stage)).toBe(base)
    await letGo()
    await answer
  })

  it('goes on when what had arrived is still there', async () => {
    await using stage = await openStage()
    const { answer, letGo } = await pushing(stage, 'post-receive')
    const repository = await nextServer(stage)
    expect(await repository.mergeUpstream()).toEqual({ type: 'unchanged' })
    const commit = await repository.commitFiles({ 'WORKER_1_TASK_LIST.md': 'y' }, 'Write\n')
    await letGo()
    await answer
    expect(await repository.publish()).toEqual({ type: 'published', commit })
  })

  it('pushes again what has not arrived, and asks no person', async () => {
    await using stage = await openStage()
    const { commit, answer, letGo } = await pushing(stage, 'pre-receive', 3_000)
    const repository = await nextServer(stage)
    expect(await repository.mergeUpstream()).toEqual({ type: 'unchanged' })
    await letGo()
    await answer
    expect(await repository.publish()).toEqual({ type: 'published', commit })
  })
})

describe('a push without an answer', () => {
  it('has arrived when the origin says so afterwards', async () => {
    await using stage = await openStage()
    const { repository, base, commit, answer, letGo } = await pushing(stage, 'post-receive', 3_000)
    expect(await answer).toMatchObject({ type: 'refused', moved: true })
    expect(await repository.mergeUpstream()).toEqual({ type: 'unchanged' })
    await letGo()
    await stage.rewriteOrigin(base)
    const rewritten = { type: 'rewritten', before: commit, after: base }
    expect(await repository.mergeUpstream()).toEqual(rewritten)
  })

  it('may have arrived when a person may have taken it back meanwhile', async () => {
    await using stage = await openStage()
    const { repository, base, commit, answer, letGo } = await pushing(stage, 'post-receive', 3_000)
    await stage.rewriteOrigin(base)
    expect(await answer).toMatchObject({ type: 'refused', moved: true })
    await letGo()
    const rewritten = { type: 'rewritten', before: commit, after: base }
    expect(await repository.mergeUpstream()).toEqual(rewritten)
    expect(await repository.publish()).toMatchObject({ type: 'refused', moved: true })
    expect(await originHead(stage)).toBe(base)
  })

  it('may arrive late, and is taken back then', async () => {
    await using stage = await openStage()
    const { repository, base, commit, answer, letGo } = await pushing(stage, 'pre-receive', 3_000)
    expect(await answer).toMatchObject({ type: 'refused', moved: true })
    await letGo()
    await expect.poll(() => originHead(stage)).toBe(commit)
    await stage.rewriteOrigin(base)
    expect(await repository.publish()).toMatchObject({ type: 'refused', moved: true })
    expect(await originHead(stage)).toBe(base)
  })

  it('does not make the hub forget what others pushed onto it meanwhile', async () => {
    await using stage = await openStage()
    const { repository, commit, answer, letGo } = await pushing(stage, 'post-receive')
    const pushed = await stage.push({ 'garden.txt': 'roses\n' })
    expect(await repository.mergeUpstream()).toMatchObject({ type: 'merged', commit: pushed })
    await letGo()
    expect(await answer).toEqual({ type: 'published', commit })
    await stage.rewriteOrigin(commit)
    const rewritten = { type: 'rewritten', before: pushed, after: commit }
    expect(await repository.mergeUpstream()).toEqual(rewritten)
  })

  it('keeps the target from following until it is known what the origin had', async () => {
    await using stage = await openStage()
    const first = Commit(await git(stage.origin, 'rev-parse', 'main'))
    await stage.push({ 'garden.txt': 'roses\n' })
    const { repository, base, commit, answer, letGo } = await pushing(stage, 'post-receive')
    await stage.rewriteOrigin(first)
    const follow = { verdict: 'follow', before: base, after: first } as const
    const judged = { type: 'rewritten', before: base, after: first }
    expect(await repository.mergeUpstream(follow)).toEqual(judged)
    expect(await repository.head()).toBe(commit)
    await letGo()
    await answer
    const known = { type: 'rewritten', before: commit, after: first }
    expect(await repository.mergeUpstream(follow)).toEqual(known)
  })
})

describe('the first push of a hub', () => {
  it('brings back nothing that a person took back since the hub was made', async () => {
    await using stage = await openStage()
    const base = await originHead(stage)
    await stage.push({ 'secret.txt': 'password\n' })
    const repository = stage.repository()
    await repository.ensureReady()
    await stage.rewriteOrigin(base)
    await repository.commitFiles(write, 'Write\n')
    expect(await repository.publish()).toMatchObject({ type: 'refused', moved: true })
    expect(await originHead(stage)).toBe(base)
  })
})
