import { describe, expect, it } from 'vitest'
import { git } from './tools-hub.ts'
import { toolPath } from './tools-run.ts'
import { endlessHooks, openWorkspace } from './tools-workspace-stage.ts'

describe('what is saved of a private clone', () => {
  const open = async () => {
    const stage = await openWorkspace({ kind: 'private clone' })
    await stage.succeed('begin', 't')
    stage.commit('mine.txt', 'mine\n')
    /** Fetches it as the server does; returns its parents after the first. */
    const save = (): readonly string[] => {
      const address = `ext::${toolPath('salvage')} ${stage.workspace} t`
      const ref = '+refs/worktree/salvage:refs/backup/worker-1/t/1'
      git(stage.hub, '-c', 'protocol.ext.allow=always', 'fetch', '--quiet', address, ref)
      const saved = git(stage.hub, 'rev-list', '--parents', '-1', 'refs/backup/worker-1/t/1')
      return saved.split(' ').slice(2)
    }
    const show = (commit: string | undefined, path: string): string =>
      git(stage.hub, 'show', `${commit}:${path}`)
    return { ...stage, save, show }
  }

  it('is offered although hooks and the file monitor of the workspace never end', async () => {
    using stage = await open()
    stage.write('a.txt', 'half\n')
    endlessHooks(stage)
    stage.save()
    expect(stage.show('refs/backup/worker-1/t/1', 'a.txt')).toBe('half')
  })

  it('has what was stashed, once', async () => {
    using stage = await open()
    stage.write('a.txt', 'stashed\n')
    stage.here('stash', '--quiet')
    const tip = stage.here('rev-parse', 'HEAD')
    const [stash] = stage.save()
    expect(stage.show(stash, 'a.txt')).toBe('stashed')
    expect(stage.show('refs/backup/worker-1/t/1', 'a.txt')).toBe('one')
    expect(stage.save()).toEqual([])
    expect(git(stage.hub, 'rev-parse', 'refs/backup/worker-1/t/1')).toBe(tip)
  })

  it('has the new files of a stash', async () => {
    using stage = await open()
    stage.write('new.txt', 'new\n')
    stage.here('stash', '--quiet', '--include-untracked')
    const [, files] = stage.save()
    expect(stage.show(files, 'new.txt')).toBe('new')
  })

  it('has the branches that only this workspace has', async () => {
    using stage = await open()
    stage.here('switch', '--quiet', '--create', 'idea', 'origin/main')
    stage.commit('idea.txt', 'idea\n')
    stage.here('switch', '--quiet', 'task/t')
    stage.write('a.txt', 'half\n')
    const [idea, ...others] = stage.save()
    expect(others).toEqual([])
    expect(stage.show(idea, 'idea.txt')).toBe('idea')
    expect(stage.show('refs/backup/worker-1/t/1', 'a.txt')).toBe('half')
  })

  it('is taken up by a squashed merge as if they were not there', async () => {
    using stage = await open()
    stage.commitInHub('main', 'a.txt', 'newer\n')
    stage.here('fetch', '--quiet', stage.hub, 'main')
    stage.here('branch', 'idea', 'FETCH_HEAD')
    stage.here('switch', '--quiet', 'idea')
    stage.commit('idea.txt', 'idea\n')
    stage.here('switch', '--quiet', 'task/t')
    expect(stage.save()).toHaveLength(1)
    stage.here('fetch', '--quiet', stage.hub, 'main')
    stage.here('switch', '--quiet', '--create', 'next', 'FETCH_HEAD')
    stage.here('fetch', '--quiet', stage.hub, 'refs/backup/worker-1/t/1')
    stage.here('merge', '--quiet', '--squash', 'FETCH_HEAD')
    expect(stage.here('diff', '--cached', '--name-only')).toBe('mine.txt')
  })
})
