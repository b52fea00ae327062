import { describe, expect, it } from 'vitest'
import { Commit, TaskId, workerId } from '../../src/core/model/ids.ts'
import { git, openStage, type Stage } from './git-stage.ts'

const [one, two] = [workerId(1), workerId(2)]
const [walls, roof] = [TaskId('walls'), TaskId('roof')]

/** A hub with short ways to merged work and to the answer of a person. */
async function open() {
  const stage = await openStage()
  const repository = stage.repository()
  await repository.ensureReady()
  const report = async (task: TaskId, files: Readonly<Record<string, string>>) => {
    const commit = await stage.commitOn(one, task, files)
    await repository.takeIn(one, task, stage.uploadPack(one))
    return commit
  }
  const merge = async (task: TaskId, files: Readonly<Record<string, string>>) => {
    const commit = await report(task, files)
    const message = `${task}\n\nTask: ${task}\nInstance: ${one}\n`
    const built = await repository.tryMerge({ task, commit, message, ownFiles: {} })
    if (built.type !== 'candidate') throw new Error(`no candidate: ${built.type}`)
    await repository.land(built.commit, built.base)
    return built.commit
  }
  const follow = async () => {
    const found = await repository.mergeUpstream()
    if (found.type !== 'rewritten') throw new Error(`not rewritten: ${found.type}`)
    const outcome = await repository.mergeUpstream({ ...found, verdict: 'follow' })
    if (outcome.type !== 'followed') throw new Error(`not followed: ${outcome.type}`)
    return outcome
  }
  return Object.assign(stage, { repository, report, merge, follow })
}

const objectsOf = async (place: string, ref: string): Promise<string> =>
  git(place, 'rev-list', '--objects', ref)

const headOf = async (stage: Stage): Promise<Commit> =>
  Commit(await git(stage.human, 'rev-parse', 'HEAD'))

describe('following a rewritten origin', () => {
  it('works with a history that shares no commit, and leaves no object of the old one', async () => {
    await using stage = await open()
    await stage.push({ 'secret.txt': 'password\n' })
    await stage.repository.mergeUpstream()
    const secret = await git(stage.origin, 'rev-parse', 'main:secret.txt')
    await stage.merge(walls, { 'walls.txt': 'brick\n' })
    await git(stage.human, 'checkout', '--quiet', '--orphan', 'clean')
    await git(stage.human, 'rm', '--quiet', '--force', 'secret.txt')
    await stage.commit(stage.human, {}, 'All again, without the secret')
    await git(stage.human, 'push', '--quiet', '--force', 'origin', 'HEAD:main')
    await stage.follow()
    expect(await stage.repository.publish()).toMatchObject({ type: 'published' })
    expect(await stage.readOrigin('main', 'walls.txt')).toBe('brick\n')
    expect(await objectsOf(stage.origin, 'main')).not.toContain(secret)
    expect(await objectsOf(stage.hub, 'main')).not.toContain(secret)
    expect(await git(stage.origin, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main')
  })

  it('lets a worker bring only its own commits, also when it merged the new history', async () => {
    await using stage = await open()
    const { repository } = stage
    const kept = await stage.push({ 'garden.txt': 'roses\n' })
    await stage.push({ 'secret.txt': 'password\n' })
    await repository.mergeUpstream()
    await stage.commitOn(two, roof, { 'roof.txt': 'tiles\n' })
    await stage.rewriteOrigin(kept)
    await stage.follow()
    await stage.commitOn(one, walls, { 'walls.txt': 'brick\n' })
    const head = await stage.merge(walls, { 'walls.txt': 'stone\n' })
    await stage.mergeTarget(two, roof, {})
    const refused = await repository.takeIn(two, roof, stage.uploadPack(two))
    if (refused.type !== 'refused') throw new Error('it was taken in')
    const commit = await stage.bringOwnWork(two, roof, refused.reason)
    const ownCommits = ['log', '--format=%s', `${head}..${commit}`] as const
    expect(await git(stage.workspaceOf(two), ...ownCommits)).toBe(`Work on ${roof}`)
  })

  it('finds the merges that a person rewrote, and does not repeat them', async () => {
    await using stage = await open()
    const { head: begin } = await stage.repository.ensureReady()
    await stage.push({ 'secret.txt': 'password\n' })
    await stage.repository.mergeUpstream()
    const from = await stage.merge(walls, { 'walls.txt': 'brick\n' })
    await stage.repository.publish()
    await git(stage.human, 'pull', '--quiet', 'origin', 'main')
    const purge = ['rebase', '--quiet', '--rebase-merges', '--onto', begin]
    await git(stage.human, ...purge, `${from}^`, 'main')
    await git(stage.human, 'push', '--quiet', '--force', 'origin', 'main')
    const outcome = await stage.follow()
    const to = await headOf(stage)
    expect(outcome).toMatchObject({
      head: to,
      replayed: [{ task: walls, from, to, work: null }],
      returned: [],
      removed: [],
    })
    expect(await stage.repository.read('secret.txt')).toBeNull()
  })

  it('keeps what the target left, and what was reported and not merged', async () => {
    await using stage = await open()
    const { head: begin } = await stage.repository.ensureReady()
    const left = await stage.merge(walls, { 'walls.txt': 'brick\n' })
    await stage.repository.publish()
    const reported = await stage.report(roof, { 'roof.txt': 'tiles\n' })
    await stage.rewriteOrigin(begin)
    const { former } = await stage.follow()
    const includes = (ref: string, commit: string) =>
      git(stage.hub, 'merge-base', '--is-ancestor', commit, ref)
    await includes(former, left)
    expect(await git(stage.hub, 'rev-parse', `refs/rewritten-tasks/1/${roof}`)).toBe(reported)
  })

  it('keeps its own work when what was removed had conflicted with that', async () => {
    await using stage = await open()
    const { head: begin } = await stage.repository.ensureReady()
    await stage.merge(walls, { 'tower.txt': 'ours\n' })
    const theirs = await stage.push({ 'tower.txt': 'theirs\n' })
    expect(await stage.repository.mergeUpstream()).toMatchObject({ type: 'conflict' })
    await stage.rewriteOrigin(begin)
    const { former } = await stage.follow()
    expect(await stage.repository.read('tower.txt')).toBe('ours\n')
    await git(stage.hub, 'merge-base', '--is-ancestor', theirs, former)
    expect(await stage.repository.publish()).toMatchObject({ type: 'published' })
  })

  it('carries an edit over to a file that the person renamed', async () => {
    await using stage = await open()
    const text = Array.from({ length: 30 }, (_, n) => `line ${n}\n`).join('')
    await stage.push({ 'tower.txt': text })
    await stage.repository.mergeUpstream()
    await stage.merge(walls, { 'tower.txt': `${text}walls\n` })
    await git(stage.human, 'pull', '--quiet', 'origin', 'main')
    await git(stage.human, 'mv', 'tower.txt', 'castle.txt')
    await git(stage.human, 'commit', '--quiet', '--amend', '--no-edit')
    await git(stage.human, 'push', '--quiet', '--force', 'origin', 'main')
    await stage.follow()
    expect(await stage.repository.read('castle.txt')).toBe(`${text}walls\n`)
    expect(await stage.repository.read('tower.txt')).toBeNull()
  })
})
