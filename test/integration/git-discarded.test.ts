import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Commit, TaskId, workerId } from '../../src/core/model/ids.ts'
import type { Edits } from '../fakes/three-way.ts'
import { direction, git, openStage } from './git-stage.ts'

const [one, two] = [workerId(1), workerId(2)]
const [mine, theirs] = [TaskId('mine'), TaskId('theirs')]

const lines = (...change: readonly (readonly [number, string])[]): string =>
  Array.from({ length: 30 }, (_, n) => change.find(([line]) => line === n)?.[1] ?? `line ${n}`)
    .concat('')
    .join('\n')

const files = { ...direction, 'a.ts': lines(), 'run.sh': 'echo\n' }

/** `mine` begins with its own edits; then `theirs` lands. */
async function begin(own: Edits, landed: Edits) {
  const stage = await openStage(files)
  const repository = stage.repository()
  await repository.ensureReady()
  const base = await repository.head()
  await stage.commitOn(one, mine, own)
  const land = async (edits: Edits): Promise<void> => {
    const commit = await stage.commitOn(two, theirs, edits)
    await repository.takeIn(two, theirs, stage.uploadPack(two))
    const message = `theirs\n\nTask: ${theirs}\n`
    const merged = await repository.tryMerge({ task: theirs, commit, message, ownFiles: {} })
    if (merged.type !== 'candidate') throw new Error(merged.type)
    await repository.land(merged.commit, merged.base)
  }
  await land(landed)
  const discarded = async (since: Commit | null = base): Promise<readonly string[]> => {
    await stage.ready(one, mine)
    const taken = await repository.takeIn(one, mine, stage.uploadPack(one))
    if (taken.type !== 'taken-in') throw new Error(taken.reason)
    const { commit, earlier } = taken
    return repository.discardedBy({ commit, base: since, earlier, origin: null })
  }
  const inWorkspace = (...args: readonly string[]) => git(stage.workspaceOf(one), ...args)
  return { ...stage, base, land, discarded, inWorkspace }
}

describe('work that was rewritten', () => {
  it.each<[string, Edits, Edits, readonly string[]]>([
    ['an empty file', { 'b.ts': 'b\n' }, { 'pkg/__init__.py': '' }, ['pkg/__init__.py']],
    ['a binary file', { 'b.ts': 'b\n' }, { 'a.ts': 'now\0binary' }, ['a.ts']],
    ['a renamed file', { 'b.ts': 'b\n' }, { 'a.ts': null, 'c.ts': lines() }, ['c.ts']],
    [
      'a file that both added',
      { 'new.ts': 'export const mine = 1\n' },
      { 'new.ts': 'export const theirs = 2\n' },
      ['new.ts'],
    ],
    [
      'entries that both put at the end of a file',
      { 'a.ts': `${lines()}export * from './mine.js'\n` },
      { 'a.ts': `${lines()}export * from './theirs.js'\n` },
      ['a.ts'],
    ],
    [
      'names that are no words',
      { 'b.ts': 'b\n' },
      { 'grüße "x" :(top).ts': 'x\n' },
      ['grüße "x" :(top).ts'],
    ],
  ])('loses %s in a squash by a soft reset', async (_, own, landed, paths) => {
    await using scene = await begin(own, landed)
    await scene.squash(one, mine)
    expect(await scene.discarded()).toEqual(paths)
  })

  it('loses a mode that others set', async () => {
    await using scene = await begin({ 'b.ts': 'b\n' }, { 'c.ts': 'c\n' })
    await chmod(join(scene.workspaceOf(two), 'run.sh'), 0o755)
    await scene.commit(scene.workspaceOf(two), {}, 'Make it executable')
    await scene.land({ 'd.ts': 'd\n' })
    await scene.squash(one, mine)
    expect(await scene.discarded()).toEqual(['c.ts', 'd.ts', 'run.sh'])
  })

  it('is judged without its beginning by the tips that it had', async () => {
    await using scene = await begin({ 'b.ts': 'b\n' }, { 'a.ts': lines([3, 'theirs']) })
    await scene.squash(one, mine)
    expect(await scene.discarded(null)).toEqual(['a.ts'])
  })

  it('loses the same when it was rewritten again and again', async () => {
    await using scene = await begin(
      { 'a.ts': lines([3, 'mine']) },
      { 'a.ts': lines([3, 'theirs'], [20, 'theirs too']) },
    )
    await scene.rebase(one, mine, 'ours')
    await scene.amend(one, mine, { 'b.ts': 'b\n' })
    await scene.amend(one, mine, { 'b.ts': 'bb\n' })
    await scene.squash(one, mine)
    expect(await scene.discarded()).toEqual(['a.ts'])
  })

  it('loses everything in a merge with the strategy ours', async () => {
    await using scene = await begin(
      { 'b.ts': 'b\n' },
      { 'a.ts': lines([3, 'theirs']), 'c.ts': 'c\n' },
    )
    await scene.inWorkspace('fetch', '--quiet', scene.hub, 'main')
    await scene.inWorkspace('merge', '--quiet', '--strategy', 'ours', 'FETCH_HEAD')
    expect(await scene.discarded()).toEqual(['a.ts', 'c.ts'])
  })
})

describe('a merge of what others pushed to the origin', () => {
  /**
   * The run and others changed the same line; others added a file. The worker's branch is ready.
   */
  async function conflict() {
    const scene = await begin({ 'b.ts': 'b\n' }, { 'a.ts': lines([3, 'ours']) })
    const repository = scene.repository()
    await scene.push({ 'a.ts': lines([3, 'theirs']), 'new.ts': 'new\n' })
    const outcome = await repository.mergeUpstream()
    if (outcome.type !== 'conflict') throw new Error(outcome.type)
    await scene.inWorkspace('fetch', '--quiet', scene.hub, 'main')
    await scene.inWorkspace('merge', '--quiet', 'FETCH_HEAD')
    await scene.inWorkspace('fetch', '--quiet', scene.hub, 'refs/upstream/main')
    const report = async (): Promise<readonly string[]> => {
      await scene.ready(one, mine)
      const taken = await repository.takeIn(one, mine, scene.uploadPack(one))
      if (taken.type !== 'taken-in') throw new Error(taken.reason)
      const { commit, earlier } = taken
      return repository.discardedBy({ commit, base: scene.base, earlier, origin: outcome.commit })
    }
    return { ...scene, report }
  }

  it('loses what it leaves out of their side, and what it leaves out of ours', async () => {
    await using scene = await conflict()
    await scene.inWorkspace('merge', '--quiet', '--strategy', 'ours', 'FETCH_HEAD')
    expect(await scene.report()).toEqual(['a.ts', 'new.ts'])
  })

  it('loses our side when it takes theirs whole', async () => {
    await using scene = await conflict()
    await scene.inWorkspace('merge', '--quiet', '--strategy-option', 'theirs', 'FETCH_HEAD')
    expect(await scene.report()).toEqual(['a.ts'])
  })

  it('loses nothing when it has the lines of both', async () => {
    await using scene = await conflict()
    await scene.mergeOrigin(one, mine)
    expect(await scene.report()).toEqual([])
  })
})

describe('correct work', () => {
  it.each<[string, Edits, Edits, Edits]>([
    [
      'moves what others wrote into another file',
      { 'b.ts': 'b\n' },
      { 'a.ts': lines([3, 'theirs']), 'c.ts': 'one\ntwo\nthree\n' },
      {
        'c.ts': null,
        'd.ts': '  one\n  two\n  three\n',
        'a.ts': lines([3, '']),
        'e.ts': 'theirs\n',
      },
    ],
    [
      'changes the lines that others wrote',
      { 'a.ts': lines([20, 'mine']) },
      { 'a.ts': `${lines()}export * from './theirs.js'\n` },
      { 'a.ts': `${lines([20, 'mine'])}export * from './theirs.ts'\n` },
    ],
    [
      'removes a file that others changed',
      { 'b.ts': 'b\n' },
      { 'a.ts': lines([3, 'theirs']) },
      { 'a.ts': null },
    ],
    [
      'renames a file that others added',
      { 'b.ts': 'b\n' },
      { 'c.ts': lines() },
      { 'c.ts': null, 'd.ts': lines([0, 'moved']) },
    ],
    [
      'changes a file that others renamed',
      { 'a.ts': lines([3, 'mine']) },
      { 'a.ts': null, 'c.ts': lines([20, 'theirs']) },
      { 'c.ts': lines([3, 'mine'], [20, 'theirs']) },
    ],
    [
      'puts its entry beside that of others',
      { 'a.ts': `${lines()}mine\n` },
      { 'a.ts': `${lines()}theirs\n` },
      { 'a.ts': `${lines()}mine\ntheirs\n` },
    ],
  ])('%s after a merge, also squashed', async (_, own, landed, after) => {
    await using scene = await begin(own, landed)
    await scene.mergeTarget(one, mine, after)
    expect(await scene.discarded()).toEqual([])
    await scene.squash(one, mine)
    expect(await scene.discarded()).toEqual([])
  })

  it('may be on a target that moves on', async () => {
    await using scene = await begin(
      { 'a.ts': lines([3, 'mine']) },
      { 'a.ts': lines([20, 'theirs']) },
    )
    await scene.rebase(one, mine, null)
    await scene.land({ 'a.ts': lines([20, 'theirs again']), 'z.ts': 'z\n' })
    expect(await scene.discarded()).toEqual([])
  })
})
