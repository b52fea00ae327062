import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  commitFiles,
  commitTree,
  deepTree,
  gitWith,
  manyCommits,
  measured,
  treeOfTrees,
} from './git-bombs.ts'
import { begin, one, walls } from './git-intake-scene.ts'
import { direction } from './git-stage.ts'

/** What a worker may make the server use above its idle memory. */
const serverMiB = 200
/** The limit of every git that reads what a worker made, with what it maps of packs. */
const gitMiB = 1_100

/** On Linux, macOS and Windows: cases, short names, ignored characters, streams. */
const spellings = [
  '.git',
  '.GIT',
  '.Git',
  'git~1',
  'GIT~1',
  '.g\u200cit',
  '.git\u200d',
  '.git ',
  '.git.',
  '.git::$INDEX_ALLOCATION',
]

type Scene = Awaited<ReturnType<typeof begin>>

/** Takes in and, if that passes, merges, as for a report. */
async function report(scene: Scene, what: string) {
  return measured(what, async () => {
    const taken = await scene.takeIn()
    if (taken.type === 'refused') return taken
    const work = {
      commit: taken.commit,
      base: await scene.repository.head(),
      earlier: [],
      origin: null,
    }
    await scene.repository.discardedBy(work)
    return scene.merge(taken.commit)
  })
}

describe('a worker that reports a git bomb', () => {
  it.each([
    ['1,000,000 files in a pack of a few hundred bytes', 100, 3],
    ['5,153,632 files in a pack of a few hundred bytes', 22, 5],
  ])('with %s is refused within bounded memory', async (what, fan, depth) => {
    await using scene = await begin()
    const workspace = await scene.workspace(one)
    await scene.commitOn(one, walls, {})
    await commitTree(workspace, 'task/walls', await treeOfTrees(workspace, fan, depth))
    const { value, cost } = await report(scene, what)
    expect(value).toMatchObject({
      type: 'refused',
      reason: expect.stringMatching(/files/) as string,
    })
    expect(cost.serverMiB).toBeLessThan(serverMiB)
    expect(cost.gitMiB).toBeLessThan(gitMiB)
  })

  it('with 10 MB of conflicting empty lines gets its work back', async () => {
    await using scene = await begin({ ...direction, 'a.txt': '\n'.repeat(10_000_000) })
    await scene.commitOn(one, walls, { 'a.txt': `x${'\n'.repeat(10_000_001)}y` })
    await scene.repository.commitFiles({ 'a.txt': `z${'\n'.repeat(10_000_002)}w` }, 'Other side\n')
    const { value, cost } = await report(scene, '10 MB of empty lines')
    expect(value).toMatchObject({ type: 'conflict', paths: ['a.txt'] })
    expect(cost.serverMiB).toBeLessThan(serverMiB)
    expect(cost.gitMiB).toBeLessThan(gitMiB)
  })

  it('with a conflict in 25,000 paths gets its work back', async () => {
    await using scene = await begin()
    const workspace = await scene.workspace(one)
    const names = Array.from({ length: 25_000 }, (_, n) => `${'directory'.repeat(4)}-${n}.txt`)
    const branch = 'task/walls'
    const base = await commitFiles(workspace, branch, names, 'both')
    await gitWith(workspace, ['push', '--quiet', scene.origin, `${base}:refs/heads/main`])
    await scene.repository.mergeUpstream()
    const theirs = await commitFiles(workspace, 'theirs', names, 'human', base)
    await gitWith(workspace, ['push', '--quiet', scene.origin, `${theirs}:refs/heads/main`])
    await scene.repository.mergeUpstream()
    const commit = await commitFiles(workspace, branch, names, 'worker', base)
    const { value } = await report(scene, 'a conflict in 25,000 paths')
    if (value.type !== 'conflict') throw new Error(value.type)
    expect(value.paths).toHaveLength(25_000)
    const text = await scene.repository.describeChanges(commit, value.paths, 6_000)
    expect(text).toContain('+human')
  })

  it('with 100,000 commits is refused', async () => {
    await using scene = await begin()
    const workspace = await scene.workspace(one)
    await scene.commitOn(one, walls, {})
    await gitWith(workspace, ['checkout', '--quiet', '--detach'])
    await manyCommits(workspace, 'task/walls', 100_000)
    const { value } = await report(scene, '100,000 commits')
    expect(value).toMatchObject({
      type: 'refused',
      reason: expect.stringMatching(/commits/) as string,
    })
  })

  it('with a directory 65 levels deep is refused, and 64 levels pass', async () => {
    await using scene = await begin()
    const workspace = await scene.workspace(one)
    await scene.commitOn(one, walls, {})
    await commitTree(workspace, 'task/walls', await deepTree(workspace, 65))
    const { value } = await report(scene, '65 levels')
    expect(value).toMatchObject({ type: 'refused', reason: expect.stringMatching(/64/) as string })
    await commitTree(workspace, 'task/walls', await deepTree(workspace, 64))
    expect(await scene.takeIn()).toMatchObject({ type: 'taken-in' })
  })

  it('with a directory 20,000 levels deep is refused, and git does not run out of its stack', async () => {
    await using scene = await begin()
    const workspace = await scene.workspace(one)
    await scene.commitOn(one, walls, {})
    await commitTree(workspace, 'task/walls', await deepTree(workspace, 20_000))
    const { value } = await report(scene, '20,000 levels')
    expect(value).toMatchObject({ type: 'refused' })
  })

  it('with a file that unpacks to 101 MiB is refused', async () => {
    await using scene = await begin()
    const workspace = await scene.workspace(one)
    await scene.commitOn(one, walls, {})
    await writeFile(join(workspace, 'zeros'), Buffer.alloc(101 * 1024 ** 2))
    await scene.commitOn(one, walls, {})
    const { value } = await report(scene, 'a file of 101 MiB')
    expect(value).toMatchObject({
      type: 'refused',
      reason: expect.stringMatching(/100 MiB/) as string,
    })
  })

  it('with a directory that some system takes for .git is refused', async () => {
    await using scene = await begin()
    const workspace = await scene.workspace(one)
    await scene.commitOn(one, walls, {})
    const inner = await gitWith(workspace, ['rev-parse', 'HEAD^{tree}'])
    for (const name of spellings) {
      const tree = await gitWith(workspace, ['mktree', '-z'], `040000 tree ${inner}\t${name}\0`)
      await commitTree(workspace, 'task/walls', tree)
      const outcome = await scene.takeIn()
      expect(outcome.type === 'refused' ? outcome.reason : outcome, name).toMatch(/hasDotgit/)
    }
  })

  it('with a NUL in the message of a commit, which an origin refuses for ever, is refused', async () => {
    await using scene = await begin()
    const workspace = await scene.workspace(one)
    await scene.commitOn(one, walls, {})
    const [tree, parent] = (await gitWith(workspace, ['rev-parse', 'HEAD^{tree}', 'HEAD'])).split(
      '\n',
    )
    const by = 'Someone <s@example.com> 1700000000 +0000'
    const raw = `tree ${tree}\nparent ${parent}\nauthor ${by}\ncommitter ${by}\n\na\0b\n`
    const args = ['hash-object', '-t', 'commit', '-w', '--literally', '--stdin']
    await gitWith(workspace, [
      'update-ref',
      'refs/heads/task/walls',
      await gitWith(workspace, args, raw),
    ])
    const { value } = await report(scene, 'a NUL in a message')
    expect(value).toMatchObject({
      type: 'refused',
      reason: expect.stringMatching(/nulInCommit/) as string,
    })
  })

  it('with two names that differ in case only lands both, each as it is', async () => {
    await using scene = await begin()
    await scene.commitOn(one, walls, { 'Walls.txt': 'A', 'walls.txt': 'a' })
    const { value } = await report(scene, 'two names that differ in case')
    if (value.type !== 'candidate') throw new Error(value.type)
    const names = await gitWith(scene.hub, ['ls-tree', '--name-only', value.commit])
    expect(names.split('\n')).toEqual(['PROJECT_DIRECTION.md', 'Walls.txt', 'walls.txt'])
  })
})
