import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openWorkspace, workspaceKinds } from './tools-workspace-stage.ts'

const operations = ['merge', 'rebase', 'cherry-pick'] as const

describe.each(workspaceKinds)('a brief in a workspace that is a %s', (kind) => {
  /** The worker reported t1, which was returned, and is in the middle of bringing it together. */
  const inConflict = async (operation: (typeof operations)[number]) => {
    const stage = await openWorkspace({ kind })
    await stage.succeed('begin', 't1')
    stage.commit('a.txt', 'mine\n')
    const reported = stage.report('t1')
    const theirs = stage.commitInHub('main', 'a.txt', 'theirs\n')
    await stage.succeed('begin', 't1', reported)
    expect(() => stage.here(operation, theirs)).toThrow('Command failed')
    return { ...stage, reported, theirs }
  }

  describe.each(operations)('continues a %s', (operation) => {
    it('whose resolution is not finished', async () => {
      using stage = await inConflict(operation)
      stage.write('a.txt', 'both\n')
      stage.write('new.txt', 'new\n')
      const before = stage.here('status', '--porcelain')
      const said = await stage.succeed('begin', 't1', stage.reported)
      expect(said).toContain(`A ${operation} is unfinished`)
      expect(said).toContain('a.txt')
      expect(readFileSync(join(stage.workspace, 'a.txt'), 'utf8')).toBe('both\n')
      expect(stage.here('status', '--porcelain')).toBe(before)
      expect(stage.here('branch', '--list', 'backup/*')).toBe('')
    })

    it('whose resolution only has to be committed', async () => {
      using stage = await inConflict(operation)
      stage.write('a.txt', 'both\n')
      stage.here('add', 'a.txt')
      await stage.succeed('begin', 't1', stage.reported)
      stage.here('-c', 'core.editor=true', operation, '--continue')
      expect(stage.here('show', 'task/t1:a.txt')).toBe('both')
      expect(stage.here('rev-list', '--count', `${stage.theirs}..task/t1`)).not.toBe('0')
    })
  })

  it('continues with uncommitted changes, and names the commits that the branch lacks', async () => {
    using stage = await openWorkspace({ kind })
    await stage.succeed('begin', 't1')
    stage.commit('mine.txt', 'mine\n')
    stage.write('a.txt', 'half\n')
    const theirs = stage.commitInHub('refs/tasks/t1', 'theirs.txt', 'theirs\n')
    const said = await stage.succeed('begin', 't1', theirs)
    expect(said).toContain(`git merge ${theirs}`)
    expect(readFileSync(join(stage.workspace, 'a.txt'), 'utf8')).toBe('half\n')
    expect(stage.here('branch', '--list', 'backup/*')).toBe('')
    expect(stage.here('log', '-1', '--format=%s')).toBe('write mine.txt')
  })

  it.each([
    ['amended', ['commit', '--quiet', '--amend', '-m', 'amended']],
    ['squashed', ['reset', '--quiet', '--soft', 'origin/main']],
  ])('keeps returned work that was %s', async (_, command) => {
    using stage = await openWorkspace({ kind })
    await stage.succeed('begin', 't1')
    stage.commit('a.txt', 'mine\n')
    const reported = stage.report('t1')
    await stage.succeed('begin', 't1', reported)
    stage.write('a.txt', 'better\n')
    stage.here('add', '--all')
    stage.here(...command)
    if (command[0] === 'reset') stage.here('commit', '--quiet', '-m', 'squashed')
    const mine = stage.here('rev-parse', 'HEAD')
    const said = await stage.succeed('begin', 't1', reported)
    expect(said).toContain('was rewritten')
    expect(stage.here('rev-parse', 'task/t1')).toBe(mine)
    expect(stage.here('branch', '--list', 'backup/*')).toBe('')
    await stage.succeed('ready', 't1')
  })

  it('still takes the place of another task, and saves what was there', async () => {
    using stage = await inConflict('merge')
    expect(await stage.succeed('begin', 't2')).toContain('an unfinished merge as branch backup/')
    expect(stage.here('symbolic-ref', '--short', 'HEAD')).toBe('task/t2')
  })
})
