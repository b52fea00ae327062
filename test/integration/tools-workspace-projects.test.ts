import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { git } from './tools-hub.ts'
import { endlessHooks, openWorkspace, workspaceKinds } from './tools-workspace-stage.ts'

describe.each(workspaceKinds)('a workspace that is a %s', (kind) => {
  it.each(['post-checkout', 'post-merge', 'reference-transaction', 'post-rewrite'])(
    'takes up tasks although the project has a %s hook that fails',
    async (hook) => {
      using stage = await openWorkspace({ kind })
      const hooks = join(stage.root, 'husky')
      mkdirSync(hooks)
      writeFileSync(join(hooks, hook), '#!/bin/sh\necho git-lfs: not found >&2\nexit 127\n')
      chmodSync(join(hooks, hook), 0o755)
      stage.here('config', 'core.hooksPath', hooks)
      await stage.succeed('begin', 't1')
      stage.write('a.txt', 'half\n')
      expect(await stage.succeed('begin', 't2')).toContain('saved uncommitted work')
      await stage.succeed('refresh')
    },
  )

  it('takes up tasks although hooks and the file monitor of the project never end', async () => {
    using stage = await openWorkspace({ kind })
    endlessHooks(stage)
    await stage.succeed('begin', 't1')
    stage.write('a.txt', 'half\n')
    expect((await stage.tool('ready', 't1')).code).toBe(3)
    expect(await stage.succeed('begin', 't2')).toContain('saved uncommitted work')
    await stage.succeed('refresh')
  })

  describe('with files that git would convert', () => {
    /** `a.txt` and `c d.txt` are committed with CRLF, and the attributes ask for LF. */
    const open = async () => {
      const stage = await openWorkspace({
        kind,
        files: { 'a.txt': 'one\r\ntwo\r\n', 'c d.txt': 'three\r\n', 'b.txt': 'b\n' },
      })
      const seed = join(stage.root, 'seed')
      writeFileSync(join(seed, '.gitattributes'), '*.txt text eol=lf\n')
      git(seed, 'add', '.gitattributes')
      git(seed, 'commit', '--quiet', '-m', 'attributes')
      git(seed, 'push', '--quiet', stage.hub, 'HEAD:main')
      await stage.succeed('begin', 't1')
      // Git looks at the files again, as it does when their times have changed.
      stage.write('a.txt', 'one\r\ntwo\r\n')
      stage.write('c d.txt', 'three\r\n')
      expect(stage.here('status', '--porcelain')).toContain('a.txt')
      return stage
    }

    it('is ready although they look changed', async () => {
      using stage = await open()
      stage.write('mine.txt', 'mine\n')
      stage.here('add', 'mine.txt')
      stage.here('commit', '--quiet', '-m', 'mine')
      expect(await stage.succeed('ready', 't1')).toBe('')
    })

    it('saves nothing for them when it takes up another task', async () => {
      using stage = await open()
      expect(await stage.succeed('begin', 't2')).not.toContain('saved')
      expect(stage.here('branch', '--list', 'backup/*')).toBe('')
    })

    it('still asks for what did change in them', async () => {
      using stage = await open()
      stage.write('a.txt', 'one\r\nmine\r\n')
      const run = await stage.tool('ready', 't1')
      expect(run).toMatchObject({ code: 3, stdout: expect.stringContaining('a.txt') as string })
      expect(run.stdout).not.toContain('c d.txt')
      expect(await stage.succeed('begin', 't2')).toContain('saved uncommitted work')
    })
  })
})

describe.each(['task', 'task/next'])('a private clone of a target named %s', (target) => {
  it('has room for the branches of tasks', async () => {
    using stage = await openWorkspace({ kind: 'private clone', target })
    await stage.succeed('begin', 'next')
    stage.commit('a.txt', 'mine\n')
    expect(await stage.succeed('ready', 'next')).toBe('')
    expect(stage.here('symbolic-ref', '--short', 'HEAD')).toBe('task/next')
    expect(stage.here('rev-parse', `origin/${target}`)).toBe(git(stage.hub, 'rev-parse', target))
    await stage.succeed('refresh')
  })
})
