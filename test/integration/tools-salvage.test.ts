import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { git, makeHub } from './tools-hub.ts'
import { runTool, toolPath } from './tools-run.ts'

describe.each(['private clone', 'linked worktree'])(
  'what is saved of a workspace that is a %s',
  (kind) => {
    let root: string
    let hub: string
    let workspace: string

    const here = (...args: readonly string[]): string => git(workspace, ...args)
    const write = (path: string, text: string): void => writeFileSync(join(workspace, path), text)
    const commit = (path: string, text: string): string => {
      write(path, text)
      here('add', '--all')
      here('commit', '--quiet', '-m', `write ${path}`)
      return here('rev-parse', 'HEAD')
    }
    /** Fetches it as the server does, and answers the commit. */
    const save = (): string => {
      const address = `ext::${toolPath('salvage')} ${workspace} t`
      git(
        hub,
        '-c',
        'protocol.ext.allow=always',
        'fetch',
        '--quiet',
        address,
        '+refs/worktree/salvage:refs/saved',
      )
      return git(hub, 'rev-parse', 'refs/saved')
    }
    const saved = (path: string): string => git(hub, 'show', `refs/saved:${path}`)

    beforeEach(async () => {
      root = mkdtempSync(join(tmpdir(), 'salvage-'))
      workspace = join(root, 'workspace')
      hub = makeHub(root, { 'a.txt': 'one\n', '.gitignore': 'ignored/\n' })
      if (kind === 'linked worktree')
        git(hub, 'worktree', 'add', '--quiet', '--detach', workspace, 'main')
      const environment = {
        ORCHESTRATOR_HUB: hub,
        ORCHESTRATOR_WORKSPACE: workspace,
        TARGET_BRANCH: 'main',
        HOME: root,
      }
      for (const words of [['make'], ['begin', 't']]) {
        const { code, stderr } = await runTool('workspace', words, environment)
        if (code !== 0) throw new Error(stderr)
      }
    })

    afterEach(() => {
      vi.unstubAllEnvs()
      rmSync(root, { recursive: true, force: true })
    })

    it.each(['', 'no index\n'])('holds the files when the index reads %j', (index) => {
      write('a.txt', 'half\n')
      writeFileSync(here('rev-parse', '--path-format=absolute', '--git-path', 'index'), index)
      save()
      expect(saved('a.txt')).toBe('half')
    })

    it('leaves nothing in the directory for temporary files', () => {
      const scratch = join(root, 'scratch')
      mkdirSync(scratch)
      vi.stubEnv('TMPDIR', scratch)
      write('a.txt', 'half\n')
      save()
      expect(saved('a.txt')).toBe('half')
      expect(readdirSync(scratch)).toEqual([])
    })

    it('is the commit that it is on when nothing else is there', () => {
      const tip = commit('b.txt', 'two\n')
      expect(save()).toBe(tip)
    })

    it('is what is changed, staged, new and removed, on top of the commits, and nothing there changes', () => {
      const tip = commit('b.txt', 'two\n')
      write('a.txt', 'changed\n')
      write('staged.txt', 'staged\n')
      here('add', 'staged.txt')
      write('new.txt', 'new\n')
      rmSync(join(workspace, 'b.txt'))
      const before = here('status', '--porcelain')
      const first = save()
      expect(git(hub, 'rev-parse', `${first}^`)).toBe(tip)
      expect([saved('a.txt'), saved('staged.txt'), saved('new.txt')]).toEqual([
        'changed',
        'staged',
        'new',
      ])
      expect(() => saved('b.txt')).toThrow('b.txt')
      expect(here('status', '--porcelain')).toBe(before)
      expect(here('rev-parse', 'HEAD')).toBe(tip)
      expect(save()).toBe(first)
    })

    it('has a change that leaves size and time of a file as git knows them', async () => {
      for (let round = 0; round < 2; round += 1) {
        // Within one second; a copy of the index that is made in a later one looks as if the file
        // had been settled by then.
        await delay(1_000 - (Date.now() % 1_000))
        commit('a.txt', `${round}a\n`)
        write('a.txt', `${round}b\n`)
        await delay(1_100)
        save()
        expect(saved('a.txt')).toBe(`${round}b`)
      }
    })

    it('has both sides of an unfinished merge, and of a rebase what was on the branch', () => {
      const mine = commit('a.txt', 'mine\n')
      here('switch', '--quiet', '--detach', 'HEAD~1')
      const theirs = commit('a.txt', 'theirs\n')
      here('switch', '--quiet', 'task/t')
      expect(() => here('merge', theirs)).toThrow('merge')
      save()
      expect(git(hub, 'log', '--format=%P', '-1', 'refs/saved')).toBe(`${mine} ${theirs}`)
      expect(saved('a.txt')).toContain('<<<<<<<')
      here('merge', '--abort')
      expect(() => here('rebase', theirs)).toThrow('rebase')
      save()
      expect(git(hub, 'log', '--format=%P', '-1', 'refs/saved').split(' ')).toEqual([theirs, mine])
      expect(
        existsSync(join(git(workspace, 'rev-parse', '--absolute-git-dir'), 'rebase-merge')),
      ).toBe(true)
    })

    it('survives a lock that a dead git left, and a file that cannot be read', () => {
      write(join('a.txt'), 'changed\n')
      writeFileSync(join(here('rev-parse', '--absolute-git-dir'), 'index.lock'), '')
      save()
      expect(saved('a.txt')).toBe('changed')
      expect(readFileSync(join(workspace, 'a.txt'), 'utf8')).toBe('changed\n')
    })
  },
)
