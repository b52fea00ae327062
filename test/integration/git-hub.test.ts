import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { direction, git, openStage, operator, type Stage } from './git-stage.ts'

/** What is left of a hub and of its making. */
const remains = async (stage: Stage): Promise<readonly string[]> =>
  existsSync(dirname(stage.hub)) ? readdir(dirname(stage.hub)) : []

describe('a hub', () => {
  it('holds the target, and nothing that names the origin', async () => {
    await using stage = await openStage()
    const { head } = await stage.repository().ensureReady()
    await stage.repository().mergeUpstream()
    expect(await git(stage.hub, 'for-each-ref', '--format=%(refname) %(objectname)')).toBe(
      ['accepted', 'heads', 'upstream'].map((kind) => `refs/${kind}/main ${head}`).join('\n'),
    )
    expect(await git(stage.hub, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main')
    expect(() => execFileSync('grep', ['-r', stage.origin, stage.hub])).toThrow('Command failed')
  })

  it('opens without the origin', async () => {
    await using stage = await openStage()
    const { head } = await stage.repository().ensureReady()
    await rm(stage.origin, { recursive: true })
    expect(await stage.repository().ensureReady()).toEqual({ head })
  })

  it('keeps a target that is ahead of the origin', async () => {
    await using stage = await openStage()
    await stage.repository().ensureReady()
    const head = await stage.repository().commitFiles({ 'WORKER_1_TASK_LIST.md': '' }, 'Ahead\n')
    expect(await stage.repository().ensureReady()).toEqual({ head })
  })

  it('adopts another target when one is configured', async () => {
    await using stage = await openStage()
    await stage.repository().ensureReady()
    await git(stage.human, 'push', '--quiet', 'origin', 'main:next')
    const { head } = await stage.repository({ target: 'next' }).ensureReady()
    expect(await git(stage.hub, 'rev-parse', 'refs/heads/next')).toBe(head)
  })

  it.each<[string, (stage: Stage) => Promise<unknown>, RegExp]>([
    [
      'is not there',
      (stage) => rm(stage.origin, { recursive: true }),
      /origin\.git.*"repositoryUrl"/,
    ],
    [
      'lacks the branch',
      (stage) => git(stage.origin, 'branch', '-m', 'main', 'trunk'),
      /no branch main: .*trunk/,
    ],
    [
      'is empty',
      (stage) => git(stage.origin, 'update-ref', '-d', 'refs/heads/main'),
      /is empty: commit a PROJECT_DIRECTION\.md/,
    ],
    [
      'has no direction',
      (stage) => stage.push({ 'PROJECT_DIRECTION.md': null }),
      /has no PROJECT_DIRECTION\.md: write/,
    ],
    [
      'has an empty direction',
      (stage) => stage.push({ 'PROJECT_DIRECTION.md': ' \n' }),
      /has an empty PROJECT_DIRECTION\.md: write/,
    ],
    [
      'has a link for a direction',
      (stage) => pushLink(stage, 'PROJECT_DIRECTION.md'),
      /has no PROJECT_DIRECTION\.md/,
    ],
    ['is a shallow clone', shallow, /shallow clone/],
  ])('leaves nothing and says what to do when the origin %s', async (_, spoil, message) => {
    await using stage = await openStage()
    await spoil(stage)
    await expect(stage.repository().ensureReady()).rejects.toThrow(message)
    expect(await remains(stage)).toEqual([])
  })

  it('is made once the origin is mended', async () => {
    await using stage = await openStage({ 'readme.md': 'x' })
    const repository = stage.repository()
    await expect(repository.ensureReady()).rejects.toThrow('PROJECT_DIRECTION.md')
    const head = await stage.push(direction)
    expect(await repository.ensureReady()).toEqual({ head })
  })

  it('does not take a directory that is something else', async () => {
    await using stage = await openStage()
    await mkdir(stage.hub, { recursive: true })
    await writeFile(join(stage.hub, 'thesis.txt'), 'years of work')
    await expect(stage.repository().ensureReady()).rejects.toThrow(
      `${stage.hub} is no bare git repository`,
    )
    expect(await readdir(stage.hub)).toEqual(['thesis.txt'])
  })

  it("that is damaged does not make git work in the operator's checkout around it", async () => {
    await using stage = await openStage()
    await stage.repository().ensureReady()
    await rename(join(stage.human, '.git'), join(dirname(stage.hub), '.git'))
    await rm(join(stage.hub, 'HEAD'))
    await expect(stage.repository().ensureReady()).rejects.toThrow('no bare git repository')
    await expect(stage.repository().commitFiles({ a: 'b' }, 'x\n')).rejects.toThrow(
      /not a git repository/,
    )
  })

  it('is asked for by many at once and made once', async () => {
    await using stage = await openStage()
    const repository = stage.repository()
    const heads = await Promise.all(Array.from({ length: 5 }, () => repository.ensureReady()))
    expect(new Set(heads.map(({ head }) => head)).size).toBe(1)
  })

  it('gets every file of writers that write at once', async () => {
    await using stage = await openStage()
    const repository = stage.repository()
    await repository.ensureReady()
    const names = Array.from({ length: 4 }, (_, n) => `WORKER_${n + 1}_TASK_LIST.md`)
    await Promise.all(names.map((name) => repository.commitFiles({ [name]: 'x' }, 'Write\n')))
    expect(Object.keys(await repository.taskLists())).toEqual(names)
  })

  it.each([
    [
      'too old',
      'echo git version 2.37.9',
      /"git version 2\.37\.9" is too old.*install git 2\.39\.1 or newer/,
    ],
    [
      'one that a hostile tree overflows',
      'echo git version 2.39.0',
      /install git 2\.39\.1 or newer/,
    ],
    ['broken', 'exit 1', /install git 2\.39\.1 or newer/],
  ])('needs a git that is not %s', async (_, script, message) => {
    await using stage = await openStage()
    const bin = join(stage.directory, 'bin')
    await mkdir(bin)
    await writeFile(join(bin, 'git'), `#!/bin/sh\n${script}\n`)
    await chmod(join(bin, 'git'), 0o755)
    await expect(
      stage.repository({ environment: { ...operator, PATH: bin } }).ensureReady(),
    ).rejects.toThrow(message)
    await expect(
      stage.repository({ environment: { ...operator, PATH: stage.origin } }).ensureReady(),
    ).rejects.toThrow(/install git/)
  })

  it("runs no hook of the operator's git configuration and takes no identity from it", async () => {
    await using stage = await openStage()
    const hooks = join(stage.directory, 'hooks')
    await mkdir(hooks)
    await writeFile(
      join(hooks, 'reference-transaction'),
      `#!/bin/sh\ntouch ${stage.directory}/ran\n`,
    )
    await chmod(join(hooks, 'reference-transaction'), 0o755)
    await writeFile(
      join(stage.directory, 'config'),
      `[core]\n\thooksPath = ${hooks}\n[user]\n\tname = Operator\n\temail = me@example.com\n`,
    )
    const repository = stage.repository({
      environment: { ...operator, GIT_CONFIG_GLOBAL: join(stage.directory, 'config') },
    })
    await repository.ensureReady()
    const commit = await repository.commitFiles({ 'WORKER_1_TASK_LIST.md': 'x' }, 'Write\n')
    await repository.mergeUpstream()
    expect(existsSync(join(stage.directory, 'ran'))).toBe(false)
    expect(await git(stage.hub, 'log', '-1', '--format=%an %ae %cn', commit)).toBe(
      'Orchestrator orchestrator@example.com Orchestrator',
    )
  })
})

async function pushLink(stage: Stage, path: string): Promise<void> {
  await stage.push({ [path]: null })
  await symlink('/etc/hostname', join(stage.human, path))
  await stage.push({})
}

async function shallow(stage: Stage): Promise<void> {
  await stage.push({ 'more.txt': 'x' })
  const copy = join(stage.directory, 'copy.git')
  await git(
    stage.directory,
    'clone',
    '--quiet',
    '--bare',
    '--depth=1',
    `file://${stage.origin}`,
    copy,
  )
  await rm(stage.origin, { recursive: true })
  await rename(copy, stage.origin)
}
