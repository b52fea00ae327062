import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openWorkspace } from './tools-workspace-stage.ts'

type Stage = Awaited<ReturnType<typeof openWorkspace>>

/** A workspace with one commit on task/t1 and a change that is not committed. */
async function atWork(): Promise<Stage> {
  const stage = await openWorkspace({ kind: 'private clone' })
  await stage.succeed('begin', 't1')
  stage.commit('b.txt', 'b')
  stage.write('a.txt', 'changed\n')
  return stage
}

const objectOf = ({ here, workspace }: Stage, name: string): string => {
  const id = here('rev-parse', name)
  return join(workspace, '.git/objects', id.slice(0, 2), id.slice(2))
}

/** As a power cut leaves it. */
function empty(path: string): void {
  chmodSync(path, 0o644)
  writeFileSync(path, '')
}

const damages: Readonly<Record<string, (stage: Stage) => void>> = {
  'the tree of HEAD is empty': (stage) => empty(objectOf(stage, 'HEAD^{tree}')),
  'the tree of HEAD is gone': (stage) => rmSync(objectOf(stage, 'HEAD^{tree}')),
  'the commit of HEAD is gone': (stage) => rmSync(objectOf(stage, 'HEAD')),
  'HEAD is on no branch, and its tree is empty': (stage) => {
    stage.here('checkout', '--quiet', '--detach')
    empty(objectOf(stage, 'HEAD^{tree}'))
  },
  'git status has a setting that it does not know': ({ here }) =>
    here('config', 'status.showUntrackedFiles', 'bogus'),
}

describe('work in a workspace that git cannot read', () => {
  describe.each(Object.entries(damages))('because %s', (_, damage) => {
    it.each([['begin', 't2'], ['begin', 't1'], ['refresh']])('outlives %s %s', async (...args) => {
      using stage = await atWork()
      stage.commitInHub('main', 'new.txt', 'new')
      damage(stage)
      const { code } = await stage.tool(...args)
      const text = readFileSync(join(stage.workspace, 'a.txt'), 'utf8')
      const isSaved = stage.here('branch', '--list', 'backup/*') !== ''
      expect({ code, text, isSaved }).toEqual(
        code === 0 && args[1] === 't1'
          ? { code, text: 'changed\n', isSaved: false }
          : { code: 1, text: 'changed\n', isSaved: false },
      )
    })
  })

  it('is not reported as whole', async () => {
    using stage = await atWork()
    stage.here('config', 'status.showUntrackedFiles', 'bogus')
    expect(await stage.tool('ready', 't1')).toMatchObject({ code: 1 })
    expect(await stage.tool('unchanged', 't1')).toMatchObject({ code: 1 })
  })
})

const namesakes: Readonly<Record<string, (stage: Stage) => void>> = {
  'a branch': ({ here, hub }) => here('fetch', '--quiet', hub, 'main:HEAD'),
  'a tag': ({ here }) => here('update-ref', 'refs/tags/HEAD', 'origin/main'),
}

describe.each(Object.entries(namesakes))('beside %s that is named HEAD', (_, make) => {
  it('a task can be reported', async () => {
    using stage = await atWork()
    stage.commit('a.txt', 'changed\n')
    make(stage)
    expect(await stage.tool('ready', 't1')).toMatchObject({ code: 0 })
  })

  it('commits on no branch are saved', async () => {
    using stage = await atWork()
    await stage.succeed('refresh')
    const commit = stage.commit('c.txt', 'c')
    make(stage)
    expect(await stage.succeed('begin', 't2')).toContain('saved commits that were on no branch')
    expect(stage.here('branch', '--contains', commit)).toContain('backup/detached-1')
  })

  it('an unfinished merge goes on', async () => {
    using stage = await atWork()
    const { here, succeed, tool, commitInHub } = stage
    stage.commit('a.txt', 'ours\n')
    commitInHub('main', 'a.txt', 'theirs\n')
    await tool('begin', 't1')
    expect(() => here('merge', 'origin/main')).toThrow('')
    make(stage)
    expect(await succeed('begin', 't1')).toContain('A merge is unfinished')
    here('rev-parse', 'MERGE_HEAD')
  })
})

describe('a private clone that borrows nothing any more', () => {
  it.each([['begin', 't1'], ['begin', 't2'], ['refresh']])(
    'gets what it lacks: %s',
    async (...args) => {
      using stage = await atWork()
      rmSync(join(stage.workspace, '.git/objects/info/alternates'))
      await stage.succeed(...args)
      stage.here('fsck', '--connectivity-only')
      const isOn = args[1] === 't1'
      const text = readFileSync(join(stage.workspace, 'a.txt'), 'utf8')
      expect(text).toBe(isOn ? 'changed\n' : 'one\n')
      expect(stage.here('branch', '--list', 'backup/*')).toBe(isOn ? '' : 'backup/task/t1-1')
    },
  )
})

describe('a backup', () => {
  it('of commits that were never reported names their task', async () => {
    using stage = await openWorkspace({ kind: 'private clone' })
    const { succeed, commit, commitInHub } = stage
    await succeed('begin', 't1')
    commit('b.txt', 'b')
    const others = commitInHub('refs/tasks/t1', 'c.txt', 'c')
    await succeed('begin', 't2')
    expect(await succeed('begin', 't1', others)).toContain('as branch backup/task/t1-1')
  })

  it('of a rebase that began on no branch has a name', async () => {
    using stage = await openWorkspace({ kind: 'private clone' })
    const { here, succeed, commit } = stage
    await succeed('begin', 'side')
    commit('a.txt', 'side\n')
    await succeed('begin', 't1')
    commit('a.txt', 'own\n')
    here('checkout', '--quiet', '--detach')
    expect(() => here('rebase', 'task/side')).toThrow('')
    appendFileSync(join(stage.workspace, 'other.txt'), 'more\n')
    expect(await succeed('begin', 't2')).toContain('as branch backup/detached-1')
  })
})

describe('the earlier tips that are offered', () => {
  it('are the newest of the reflog, whatever their dates say', async () => {
    using stage = await openWorkspace({ kind: 'private clone' })
    const { here, succeed, commit } = stage
    await succeed('begin', 't1')
    const tips = [commit('b.txt', 'b')]
    for (let count = 0; count < 11; count += 1) {
      const date = `@${1_700_000_000 - 10 * count} +0000`
      execFileSync('git', ['commit', '--quiet', '--amend', '--message', `${count}`], {
        cwd: stage.workspace,
        env: { ...process.env, GIT_COMMITTER_DATE: date },
      })
      tips.unshift(here('rev-parse', 'HEAD'))
    }
    await succeed('ready', 't1')
    const parents = here('rev-parse', 'refs/worktree/earlier/t1^@').split('\n')
    expect(new Set(parents)).toEqual(new Set(tips.slice(1, 9)))
  })
})
