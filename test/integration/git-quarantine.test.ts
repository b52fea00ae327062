import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BackupId, type Commit, TaskId } from '../../src/core/model/ids.ts'
import { begin, one, walls } from './git-intake-scene.ts'
import { git, operator } from './git-stage.ts'

type Scene = Awaited<ReturnType<typeof begin>>

/** A new commit on the task's branch with a file of so many random MiB. */
async function commitNoise(scene: Scene, mebibytes: number): Promise<Commit> {
  const path = join(await scene.workspace(one), 'noise')
  await writeFile(path, randomBytes(mebibytes * 1024 ** 2))
  return scene.commitOn(one, walls, {})
}

/** Bytes of the hub and of what lies beside it. */
async function bytesOf(scene: Scene): Promise<number> {
  const state = join(scene.hub, '..')
  const entries = await readdir(state, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = files.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** Names in a state directory in which nothing is fetched. */
const beside = (scene: Scene): Promise<readonly string[]> => readdir(join(scene.hub, '..'))

const incoming = (scene: Scene): Promise<readonly string[]> =>
  existsSync(`${scene.hub}.incoming`) ? readdir(`${scene.hub}.incoming`) : Promise.resolve([])

describe("a worker that fills the host's disk", () => {
  it('with reports that are refused leaves nothing in the hub', async () => {
    await using scene = await begin()
    await commitNoise(scene, 1)
    await scene.takeIn()
    const before = await bytesOf(scene)
    for (let count = 0; count < 3; count += 1) {
      await commitNoise(scene, 5)
      const upload = scene.uploadPack(one)
      const judge = async () => 'not like this'
      expect(await scene.repository.takeIn(one, walls, upload, judge)).toEqual({
        type: 'refused',
        reason: 'not like this',
      })
    }
    await git(scene.workspaceOf(one), 'checkout', '--quiet', '--orphan', 'other')
    await scene.commit(scene.workspaceOf(one), {}, 'Another history')
    await git(scene.workspaceOf(one), 'branch', '--force', 'task/walls', 'HEAD')
    expect(await scene.takeIn()).toMatchObject({ type: 'refused' })
    expect((await bytesOf(scene)) - before).toBeLessThan(4_096)
    expect(await incoming(scene)).toEqual([])
  })

  it('with packs over the limit leaves no part of one', async () => {
    await using scene = await begin()
    const before = await bytesOf(scene)
    await commitNoise(scene, 5)
    for (let count = 0; count < 3; count += 1)
      expect(await scene.takeIn(walls, { maxIntakeBytes: 1024 ** 2 })).toMatchObject({
        type: 'refused',
      })
    expect((await bytesOf(scene)) - before).toBeLessThan(4_096)
  })

  it('with files that are saved a second time leaves nothing more in the hub', async () => {
    await using scene = await begin()
    await commitNoise(scene, 2)
    await scene.takeIn()
    const before = await bytesOf(scene)
    const upload = scene.salvage(one, walls)
    const backup = BackupId('worker-1/walls/1')
    expect(await scene.repository.backUp(one, walls, backup, upload)).toEqual({ type: 'unchanged' })
    expect((await bytesOf(scene)) - before).toBeLessThan(4_096)
  })

  it('with many reports at once gets one intake at a time, and too many are refused', async () => {
    await using scene = await begin()
    const commit = await commitNoise(scene, 1)
    const upload = scene.uploadPack(one)
    let [running, most] = [0, 0]
    const judge = async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      return null
    }
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, () => scene.repository.takeIn(one, walls, upload, judge)),
    )
    const taken = { type: 'taken-in', commit, commits: 1, earlier: [] }
    expect(outcomes.slice(0, 2)).toEqual([taken, taken])
    for (const refused of outcomes.slice(2))
      expect(refused).toMatchObject({
        type: 'refused',
        reason: expect.stringContaining('wait for their answer') as string,
      })
    expect(most).toBe(1)
  })
})

describe('a server that is killed', () => {
  it('in the middle of a transfer leaves nothing of it after the next start', async () => {
    await using scene = await begin()
    const before = await bytesOf(scene)
    const place = join(`${scene.hub}.incoming`, 'x')
    await mkdir(join(place, 'objects/pack'), { recursive: true })
    await writeFile(join(place, 'objects/pack/tmp_pack_x'), randomBytes(1024 ** 2))
    await scene.repositoryWith().ensureReady()
    expect(await bytesOf(scene)).toBe(before)
    expect(await beside(scene)).toEqual(['backups.git', 'hub.git'])
  })

  it('after the packs moved, and before the refs did, leaves no pack after the next start', async () => {
    await using scene = await begin()
    await commitNoise(scene, 1)
    const before = await bytesOf(scene)
    await moveWithoutRefs(scene)
    expect(await bytesOf(scene)).toBeGreaterThan(before + 1024 ** 2)
    await scene.repositoryWith().ensureReady()
    expect(await bytesOf(scene)).toBe(before)
  })

  it('after the refs moved keeps what they name', async () => {
    await using scene = await begin()
    const commit = await commitNoise(scene, 1)
    await moveWithoutRefs(scene)
    await git(scene.hub, 'update-ref', 'refs/tasks/walls', commit)
    await scene.repositoryWith().ensureReady()
    expect(await beside(scene)).toEqual(['backups.git', 'hub.git'])
    await git(scene.hub, 'fsck', '--strict')
    expect(await git(scene.hub, 'cat-file', '-t', `${commit}:noise`)).toBe('blob')
  })

  it('at any moment of a report leaves a whole hub with nothing that no ref names', async () => {
    await using scene = await begin()
    for (let delayMs = 150; delayMs <= 900; delayMs += 75) {
      await commitNoise(scene, 1)
      await takeInAndKill(scene, delayMs)
      await scene.repositoryWith().ensureReady()
      expect(await beside(scene)).toEqual(['backups.git', 'hub.git'])
      const said = await git(scene.hub, 'fsck', '--strict', '--unreachable', '--no-progress')
      expect(said).toBe('')
    }
    expect(await scene.takeIn()).toMatchObject({ type: 'taken-in' })
  })
})

/** What a server leaves that dies in the middle of `accept`. */
async function moveWithoutRefs(scene: Scene): Promise<void> {
  const place = join(`${scene.hub}.incoming`, 'x')
  await mkdir(`${scene.hub}.incoming`)
  await git(scene.hub, 'init', '--quiet', '--bare', place)
  const alternates = join(place, 'objects/info/alternates')
  await writeFile(alternates, `${scene.hub}/objects\n`)
  const fetch = ['-c', 'fetch.unpackLimit=1', 'fetch', '--quiet', scene.workspaceOf(one)]
  await git(place, ...fetch, 'refs/heads/task/walls:refs/incoming/tip')
  const commit = await git(place, 'rev-parse', 'refs/incoming/tip')
  await writeFile(join(place, 'accepted'), `${commit}\nend`)
  for (const name of await readdir(join(place, 'objects/pack')))
    await link(join(place, 'objects/pack', name), join(scene.hub, 'objects/pack', name))
}

async function takeInAndKill(scene: Scene, delayMs: number): Promise<void> {
  const options = {
    path: scene.hub,
    origin: scene.origin,
    target: 'main',
    publish: { to: 'none' },
    identity: { name: 'x', email: 'x' },
    maxIntakeBytes: 64 * 1024 ** 2,
    maxIntakeSeconds: 60,
    environment: operator,
  }
  const module = new URL('../../src/adapters/git/repository.ts', import.meta.url).href
  const call = [one, TaskId('walls'), scene.uploadPack(one)].map((each) => JSON.stringify(each))
  const script = `import { createGitRepository } from ${JSON.stringify(module)}
    await createGitRepository(${JSON.stringify(options)}).takeIn(${call.join(', ')})`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: 'ignore',
    detached: true,
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  // With its git: an orphan would go on for a moment, which another test shows.
  const kill = setTimeout(
    () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'),
    delayMs,
  )
  await ended
  clearTimeout(kill)
}
