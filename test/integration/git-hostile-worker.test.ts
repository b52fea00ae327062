import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { begin, one, type Place, walls } from './git-intake-scene.ts'
import { direction, git } from './git-stage.ts'

describe("a hostile worker's repository", () => {
  it('runs nothing on the host: no hook, filter, driver, textconv, monitor or pack hook', async () => {
    await using scene = await begin({ ...direction, 'a.txt': 'one\n' })
    const before = await git(scene.hub, 'rev-parse', 'main')
    await scene.commitOn(one, walls, {
      '.gitattributes': '* filter=x diff=x merge=x\n',
      'a.txt': 'two\n',
    })
    const workspace = scene.workspaceOf(one)
    const trap = join(scene.directory, 'trap')
    await writeFile(trap, `#!/bin/sh\necho "$0 $*" >> ${scene.directory}/ran\ncat\n`)
    await chmod(trap, 0o755)
    const hooks = [
      'post-checkout',
      'pre-receive',
      'update',
      'post-receive',
      'reference-transaction',
      'pre-push',
      'post-upload-pack',
      'pre-auto-gc',
    ]
    await mkdir(join(workspace, '.git/hooks'), { recursive: true })
    for (const hook of hooks) await symlink(trap, join(workspace, '.git/hooks', hook))
    await appendFile(
      join(workspace, '.git/config'),
      `[core]\n\tfsmonitor = ${trap}\n\tsshCommand = ${trap}\n\teditor = ${trap}\n\tpager = ` +
        `${trap}\n\thooksPath = ${workspace}/.git/hooks\n` +
        `[uploadpack]\n\tpackObjectsHook = ${trap}\n[filter "x"]\n\tclean = ` +
        `${trap}\n\tsmudge = ${trap}\n\tprocess = ${trap}\n` +
        `[diff "x"]\n\ttextconv = ${trap}\n\tcommand = ${trap}\n[merge "x"]\n\tdriver = ` +
        `${trap}\n[gpg]\n\tprogram = ${trap}\n[credential]\n\thelper = ${trap}\n`,
    )
    const taken = await scene.takeIn()
    if (taken.type !== 'taken-in') throw new Error(taken.reason)
    await scene.repository.commitFiles({ 'a.txt': 'three\n' }, 'Other side\n')
    expect(await scene.merge(taken.commit)).toMatchObject({ type: 'conflict', paths: ['a.txt'] })
    await scene.repository.describeChanges(taken.commit, ['a.txt'], 5_000)
    await scene.repository.mergeUpstream()
    await scene.repository.publish()
    expect(existsSync(join(scene.directory, 'ran'))).toBe(false)
    expect(await git(scene.origin, 'rev-parse', 'main~1')).toBe(before)
  })

  it('moves no ref but its own', async () => {
    await using scene = await begin()
    await scene.commitOn(one, walls, { 'walls.txt': 'brick\n' })
    const workspace = scene.workspaceOf(one)
    for (const ref of [
      'refs/heads/main',
      'refs/tasks/roof',
      'refs/instances/worker-2/task/roof',
      'refs/tags/v1',
    ]) {
      await git(workspace, 'update-ref', ref, 'HEAD')
    }
    const main = await scene.repository.head()
    expect(await scene.takeIn()).toMatchObject({ type: 'taken-in' })
    expect(await git(scene.hub, 'for-each-ref', '--format=%(refname)')).toBe(
      [
        'refs/heads/main',
        'refs/instances/worker-1/task/walls',
        'refs/tasks/walls',
        'refs/upstream/main',
      ].join('\n'),
    )
    expect(await scene.repository.head()).toBe(main)
    expect(await git(scene.hub, 'config', '--list', '--local')).not.toContain('remote')
  })

  it('may rewrite its branch, and what was taken in before stays in the hub', async () => {
    await using scene = await begin()
    const first = await scene.commitOn(one, walls, { 'walls.txt': 'brick\n' })
    await scene.takeIn()
    await git(scene.workspaceOf(one), 'commit', '--quiet', '--amend', '--message', 'Again')
    const second = await git(scene.workspaceOf(one), 'rev-parse', 'HEAD')
    expect(await scene.takeIn()).toEqual({
      type: 'taken-in',
      commit: second,
      commits: 1,
      earlier: [],
    })
    expect(await git(scene.hub, 'cat-file', '-t', first)).toBe('commit')
  })

  it.each<[string, (scene: Place) => Promise<unknown>, RegExp]>([
    [
      'removed its branch',
      (scene) => git(scene.workspaceOf(one), 'update-ref', '-d', 'refs/heads/task/walls'),
      /no branch task\/walls/,
    ],
    ['has another history', anotherHistory, /shares no history with main/],
    ['is a shallow clone', shallow, /git fetch --unshallow/],
    ['holds a .git in a tree', dotGit, /refuses objects of task\/walls.*hasDotgit/],
    ['holds a broken commit', brokenCommit, /refuses objects of task\/walls/],
  ])('is refused with what to do when it %s', async (_, spoil, reason) => {
    await using scene = await begin()
    await scene.commitOn(one, walls, { 'walls.txt': 'brick\n' })
    await scene.takeIn()
    await scene.commitOn(one, walls, { 'walls.txt': 'stone\n' })
    const accepted = await git(scene.hub, 'rev-parse', 'refs/tasks/walls')
    await spoil(scene)
    const outcome = await scene.takeIn()
    expect(outcome.type === 'refused' ? outcome.reason : outcome).toMatch(reason)
    expect(await git(scene.hub, 'rev-parse', 'refs/tasks/walls')).toBe(accepted)
  })

  it('is refused when it brings more than the limit, and the hub does not grow beyond it', async () => {
    await using scene = await begin()
    await scene.workspace(one)
    await writeFile(join(scene.workspaceOf(one), 'noise'), randomBytes(3 * 1024 ** 2))
    await scene.commitOn(one, walls, {})
    const outcome = await scene.takeIn(walls, { maxIntakeBytes: 1024 ** 2 })
    expect(outcome).toMatchObject({
      type: 'refused',
      reason: expect.stringContaining('more than 1 MiB') as string,
    })
    const packs = await readdir(join(scene.hub, 'objects/pack'))
    for (const name of packs)
      expect((await stat(join(scene.hub, 'objects/pack', name))).size).toBeLessThanOrEqual(
        1024 ** 2,
      )
    expect(await scene.takeIn()).toMatchObject({ type: 'taken-in' })
  })

  it('cannot land a link, a directory or a case of its own in place of a task list', async () => {
    await using scene = await begin({
      ...direction,
      'WORKER_1_TASK_LIST.md': '- [ ] walls: Walls\n',
    })
    const workspace = await scene.workspace(one)
    await scene.commitOn(one, walls, { 'WORKER_1_TASK_LIST.md': null, 'walls.txt': 'x' })
    await symlink('/etc/passwd', join(workspace, 'WORKER_1_TASK_LIST.md'))
    await symlink('/etc/passwd', join(workspace, 'WORKER_2_TASK_LIST.md'))
    const commit = await scene.commitOn(one, walls, { 'WORKER_3_TASK_LIST.md/x': 'y' })
    await scene.takeIn()
    const candidate = await scene.merge(commit)
    if (candidate.type !== 'candidate') throw new Error(candidate.type)
    expect(await git(scene.hub, 'ls-tree', '-r', '--name-only', candidate.commit)).toBe(
      'PROJECT_DIRECTION.md\nWORKER_1_TASK_LIST.md\nwalls.txt',
    )
    expect(await scene.repository.land(candidate.commit, candidate.base)).toBe(true)
    expect(await scene.repository.taskLists()).toEqual({
      'WORKER_1_TASK_LIST.md': '- [ ] walls: Walls\n',
    })
  })
})

describe('a file of the target', () => {
  it('is read only when it is a regular one of a sane size', async () => {
    await using scene = await begin()
    await symlink('/etc/passwd', join(scene.human, 'WORKER_1_TASK_LIST.md'))
    await scene.push({
      'big.txt': 'x'.repeat(1024 ** 2 + 1),
      'dir/a.txt': 'x',
      'run.sh': '#!/bin/sh\n',
      '*': 'star',
      ':(top)x': 'magic',
    })
    await chmod(join(scene.human, 'run.sh'), 0o755)
    await scene.push({})
    await scene.repository.mergeUpstream()
    expect(await scene.repository.taskLists()).toEqual({})
    for (const path of ['WORKER_1_TASK_LIST.md', 'big.txt', 'dir', 'dir/', 'none', 'dir/none'])
      expect(await scene.repository.read(path)).toBeNull()
    expect(await scene.repository.read('run.sh')).toBe('#!/bin/sh\n')
    expect(await scene.repository.read('*')).toBe('star')
    expect(await scene.repository.read(':(top)x')).toBe('magic')
  })
})

async function anotherHistory(scene: Place): Promise<void> {
  const workspace = scene.workspaceOf(one)
  await git(workspace, 'checkout', '--quiet', '--orphan', 'other')
  await scene.commit(workspace, {}, 'Other')
  await git(workspace, 'branch', '--force', 'task/walls', 'HEAD')
}

async function shallow(scene: Place): Promise<void> {
  const copy = join(scene.directory, 'copy')
  await git(
    scene.directory,
    'clone',
    '--quiet',
    '--depth=1',
    '--branch=task/walls',
    `file://${scene.workspaceOf(one)}`,
    copy,
  )
  await rm(scene.workspaceOf(one), { recursive: true })
  await rename(copy, scene.workspaceOf(one))
}

async function dotGit(scene: Place): Promise<void> {
  const workspace = scene.workspaceOf(one)
  const inner = await git(workspace, 'rev-parse', 'HEAD^{tree}')
  await writeFile(join(workspace, 'entries'), `040000 tree ${inner}\t.git\n`)
  await pointAt(workspace, await git(workspace, '-c', 'alias.make=!git mktree < entries', 'make'))
}

async function brokenCommit(scene: Place): Promise<void> {
  const workspace = scene.workspaceOf(one)
  const [tree, parent] = (await git(workspace, 'rev-parse', 'HEAD^{tree}', 'HEAD')).split('\n')
  await writeFile(
    join(workspace, 'raw'),
    `tree ${tree}\nparent ${parent}\nauthor unknown\ncommitter unknown\n\nx\n`,
  )
  const commit = await git(workspace, 'hash-object', '-t', 'commit', '-w', '--literally', 'raw')
  await writeFile(join(workspace, '.git/refs/heads/task/walls'), `${commit}\n`)
}

async function pointAt(workspace: string, tree: string): Promise<void> {
  const commit = await git(workspace, 'commit-tree', tree, '-p', 'HEAD', '-m', 'x')
  await git(workspace, 'update-ref', 'refs/heads/task/walls', commit)
}
