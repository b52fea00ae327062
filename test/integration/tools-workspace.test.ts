import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addToHub, git, makeHub } from './tools-hub.ts'
import { runTool } from './tools-run.ts'

describe.each(['private clone', 'linked worktree'])('a workspace that is a %s', (kind) => {
  let root: string
  let hub: string
  let workspace: string

  const here = (...args: readonly string[]): string => git(workspace, ...args)
  const write = (path: string, text: string): void => writeFileSync(join(workspace, path), text)
  const commit = (path: string, text: string, message = `write ${path}`): string => {
    write(path, text)
    here('add', '--all')
    here('commit', '--quiet', '-m', message)
    return here('rev-parse', 'HEAD')
  }
  const tool = (...args: string[]) =>
    runTool('workspace', args, {
      ORCHESTRATOR_HUB: hub,
      ORCHESTRATOR_WORKSPACE: workspace,
      TARGET_BRANCH: 'main',
      INSTANCE_ID: 'worker-1',
      HOME: root,
    })
  const succeed = async (...args: string[]): Promise<string> => {
    const run = await tool(...args)
    expect(run, run.stderr).toMatchObject({ code: 0 })
    return run.stdout
  }

  /** Puts one more commit on a ref of the hub, made elsewhere. */
  const commitInHub = (ref: string, path: string, text: string, parent = 'main'): string =>
    addToHub({ root, hub, ref, path, text, parent })

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'workspace-'))
    workspace = join(root, 'workspace')
    hub = makeHub(root, { 'a.txt': 'one\n', '.gitignore': 'ignored/\n' })
    if (kind === 'linked worktree')
      git(hub, 'worktree', 'add', '--quiet', '--detach', workspace, 'main')
    await succeed('make')
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  it('shows the target after it was made, also when it is made again', async () => {
    await succeed('make')
    expect(readFileSync(join(workspace, 'a.txt'), 'utf8')).toBe('one\n')
  })

  it('is freed of the locks that a killed git left', async () => {
    writeFileSync(join(here('rev-parse', '--absolute-git-dir'), 'index.lock'), '')
    await succeed('make')
    commit('b.txt', 'b')
  })

  it('begins a new task at the newest commit of the target', async () => {
    const head = commitInHub('main', 'new.txt', 'new')
    expect(await succeed('begin', 't1')).toContain('branch task/t1 is at')
    expect(here('symbolic-ref', '--short', 'HEAD')).toBe('task/t1')
    expect(here('rev-parse', 'HEAD')).toBe(head)
  })

  it('knows the newest target as origin/main whenever a task begins', async () => {
    for (const text of ['one', 'two']) {
      const head = commitInHub('main', 'new.txt', text)
      await succeed('begin', 't1')
      expect(here('rev-parse', 'origin/main')).toBe(head)
    }
  })

  it('continues the commit of an earlier attempt, which it takes from the hub', async () => {
    const earlier = commitInHub('refs/tasks/t1', 'half.txt', 'half')
    await succeed('begin', 't1', earlier)
    expect(here('rev-parse', 'HEAD')).toBe(earlier)
  })

  it('begins at the target when the commit of an earlier attempt is gone, and says so', async () => {
    const gone = 'f'.repeat(40)
    expect(await succeed('begin', 't1', gone)).toContain(
      `commit ${gone} of an earlier attempt is not available`,
    )
    expect(here('rev-parse', 'HEAD')).toBe(git(hub, 'rev-parse', 'main'))
  })

  it('comes back to a task with its commits', async () => {
    await succeed('begin', 't1')
    const mine = commit('t1.txt', 'one')
    await succeed('begin', 't2')
    expect(existsSync(join(workspace, 't1.txt'))).toBe(false)
    await succeed('begin', 't1')
    expect(here('rev-parse', 'HEAD')).toBe(mine)
  })

  it('follows a task that another worker continued', async () => {
    await succeed('begin', 't1')
    const mine = commit('t1.txt', 'one')
    here('push', '--quiet', hub, `${mine}:refs/tasks/t1`)
    const theirs = commitInHub('refs/tasks/t1', 'theirs.txt', 'two', 'refs/tasks/t1')
    await succeed('begin', 't1', theirs)
    expect(here('rev-parse', 'HEAD')).toBe(theirs)
    expect(here('branch', '--list', 'backup/*')).toBe('')
  })

  it('keeps commits that were never reported on a backup branch when another worker continued without them', async () => {
    await succeed('begin', 't1')
    const mine = commit('t1.txt', 'unreported')
    const theirs = commitInHub('refs/tasks/t1', 'theirs.txt', 'two')
    expect(await succeed('begin', 't1', theirs)).toContain('backup/task/t1-1')
    expect(here('rev-parse', 'HEAD')).toBe(theirs)
    expect(here('rev-parse', 'backup/task/t1-1')).toBe(mine)
  })

  it('saves what was uncommitted, new files too, before it takes up another task', async () => {
    await succeed('begin', 't1')
    write('a.txt', 'changed\n')
    write('new.txt', 'new\n')
    mkdirSync(join(workspace, 'ignored'))
    write('ignored/cache', 'cache\n')

    expect(await succeed('begin', 't2')).toContain(
      'saved uncommitted work as branch backup/task/t1-1',
    )
    expect(here('status', '--porcelain')).toBe('')
    expect(here('show', 'backup/task/t1-1:a.txt')).toBe('changed')
    expect(here('show', 'backup/task/t1-1:new.txt')).toBe('new')
    expect(existsSync(join(workspace, 'ignored/cache'))).toBe(true)
    expect(here('log', '-1', '--format=%an', 'backup/task/t1-1')).toBe('worker-1')
  })

  it('numbers the backups of a branch', async () => {
    for (const n of [1, 2]) {
      await succeed('begin', 't1')
      write('new.txt', `${n}`)
      expect(await succeed('begin', 't2')).toContain(`backup/task/t1-${n}`)
    }
  })

  it('leaves uncommitted work alone when the task goes on', async () => {
    await succeed('begin', 't1')
    write('a.txt', 'half\n')
    await succeed('begin', 't1')
    expect(readFileSync(join(workspace, 'a.txt'), 'utf8')).toBe('half\n')
  })

  it.each(['merge', 'rebase', 'cherry-pick'])(
    'saves an unfinished %s before it takes up another task',
    async (operation) => {
      await succeed('begin', 't1')
      const conflicting = commitInHub('main', 'a.txt', 'theirs\n')
      const head = commitInHub('main', 'c.txt', 'c')
      const mine = commit('a.txt', 'mine\n')
      here('fetch', '--quiet', hub, 'main')
      expect(() =>
        here(operation, ...(operation === 'cherry-pick' ? [conflicting, head] : [head])),
      ).toThrow('Command failed')

      expect(await succeed('begin', 't2')).toContain(
        `an unfinished ${operation} as branch backup/task/t1-1`,
      )
      expect(here('status')).toContain('nothing to commit')
      expect(here('status')).not.toContain('in progress')
      expect(here('show', 'backup/task/t1-1:a.txt')).toContain('<<<<<<<')
      expect(here('rev-parse', 'task/t1')).toBe(mine)
      expect(here('rev-parse', 'HEAD')).toBe(head)
    },
  )

  it('saves commits that were made on no branch', async () => {
    await succeed('begin', 't1')
    here('checkout', '--quiet', '--detach')
    const lost = commit('b.txt', 'b')
    await succeed('begin', 't2')
    expect(here('branch', '--contains', lost)).toContain('backup/detached-1')
  })

  it('is ready when the work of the task is committed', async () => {
    await succeed('begin', 't1')
    commit('t1.txt', 'done')
    expect(await succeed('ready', 't1')).toBe('')
  })

  it('names everything that is missing for a report', async () => {
    await succeed('begin', 't1')
    write('a.txt', 'changed\n')
    write('forgotten.txt', '')
    const run = await tool('ready', 't1')
    expect(run.code).toBe(3)
    expect(run.stdout).toContain('a.txt')
    expect(run.stdout).toContain('forgotten.txt')
    expect(run.stdout).toContain('task/t1 has no commit beyond')
  })

  it('is not ready on another branch', async () => {
    await succeed('begin', 't1')
    commit('t1.txt', 'done')
    here('switch', '--quiet', '-c', 'idea')
    const run = await tool('ready', 't1')
    expect(run).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('on idea, not on task/t1'),
    })
  })

  it('is not ready in the middle of a merge', async () => {
    await succeed('begin', 't1')
    commit('a.txt', 'mine\n')
    const other = commitInHub('main', 'a.txt', 'theirs\n')
    here('fetch', '--quiet', hub, 'main')
    expect(() => here('merge', other)).toThrow('Command failed')
    const run = await tool('ready', 't1')
    expect(run).toMatchObject({ code: 3, stdout: expect.stringContaining('A merge is unfinished') })
  })

  it('refreshes to the target, and saves what does not belong there', async () => {
    const head = commitInHub('main', 'a.txt', 'newer\n')
    write('note.txt', 'mine\n')
    expect(await succeed('refresh')).toContain('saved uncommitted work')
    expect(here('rev-parse', 'HEAD')).toBe(head)
    expect(here('status', '--porcelain')).toBe('')
    expect(git(hub, 'rev-parse', 'main')).toBe(head)
  })

  it('fails with the reason when the hub is not there', async () => {
    rmSync(join(root, 'hub.git', 'HEAD'))
    const run = await tool('begin', 't1')
    expect(run.code).toBe(1)
    expect(run.stderr).not.toBe('')
  })
})
