import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Commit } from '../../src/core/model/ids.ts'
import { createGitRepository } from '../../src/adapters/git/repository.ts'
import { serveGit } from './git-http.ts'
import { git, openStage, operator, someone, type Stage } from './git-stage.ts'
import { hook } from './origin-hook.ts'

describe('publishing', () => {
  it.each<[string, (stage: Stage) => Promise<unknown>, RegExp]>([
    [
      'a branch that is checked out there',
      nonBare,
      /checked out.*; check out another branch there/,
    ],
    [
      'a branch that a hook protects',
      protectedBranch,
      /remote: main is protected; allow the server to push there/,
    ],
    [
      'an origin that is gone',
      (stage) => rm(stage.origin, { recursive: true }),
      /check "repositoryUrl"/,
    ],
  ])('is refused in one line with a remedy by %s', async (_, spoil, reason) => {
    await using stage = await openStage()
    const repository = stage.repository()
    await repository.ensureReady()
    await repository.commitFiles({ 'WORKER_1_TASK_LIST.md': 'x' }, 'Write\n')
    await spoil(stage)
    const outcome = await repository.publish()
    if (outcome.type !== 'refused') throw new Error('published')
    expect(outcome.moved).toBe(false)
    expect(outcome.reason).toMatch(reason)
    expect(outcome.reason).not.toContain('\n')
  })

  it('does not ask for a merge when a foreign branch is in the way', async () => {
    await using stage = await openStage()
    await git(stage.human, 'push', '--quiet', 'origin', 'main:night')
    const repository = stage.repository({ publish: { to: 'branch', branch: 'night' } })
    await repository.ensureReady()
    await stage.commit(stage.human, { 'foreign.txt': 'x' }, 'Foreign')
    await git(stage.human, 'push', '--quiet', 'origin', 'HEAD:night')
    await repository.commitFiles({ 'WORKER_1_TASK_LIST.md': 'x' }, 'Write\n')
    expect(await repository.publish()).toMatchObject({
      type: 'refused',
      moved: false,
      reason: expect.stringContaining('night') as string,
    })
    expect(await stage.readOrigin('night', 'foreign.txt')).toBe('x')
  })

  it('pushes neither tags nor other branches', async () => {
    await using stage = await openStage()
    const repository = stage.repository()
    await repository.ensureReady()
    const commit = await repository.commitFiles({ 'WORKER_1_TASK_LIST.md': 'x' }, 'Write\n')
    await git(stage.hub, 'tag', '-m', 'x', 'v1', commit)
    await repository.publish()
    expect(await git(stage.origin, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main')
  })
})

describe('upstream', () => {
  it('that was replaced by another history is not merged', async () => {
    await using stage = await openStage()
    const repository = stage.repository()
    const { head } = await repository.ensureReady()
    await git(stage.human, 'checkout', '--quiet', '--orphan', 'other')
    await stage.commit(stage.human, {}, 'Other')
    await git(stage.human, 'push', '--quiet', '--force', 'origin', 'HEAD:main')
    const after = Commit(await git(stage.human, 'rev-parse', 'HEAD'))
    expect(await repository.mergeUpstream()).toEqual({ type: 'rewritten', before: head, after })
    await expect(
      repository.mergeUpstream({ verdict: 'keep', before: head, after }),
    ).rejects.toThrow(/shares no history with ours.*new state directory/)
    expect(await repository.head()).toBe(head)
  })

  it('that cannot be reached says so', async () => {
    await using stage = await openStage()
    const repository = stage.repository()
    await repository.ensureReady()
    await git(stage.origin, 'branch', '-m', 'main', 'trunk')
    await expect(repository.mergeUpstream()).rejects.toThrow(/no branch main: .*trunk/)
  })
})

describe('an origin behind a password', () => {
  const password = 'c@nary/%&secret'

  it('is reached with the one in its URL, which shows up nowhere', async () => {
    await using stage = await openStage()
    await using server = await serve(stage, password)
    const url = `http://me:${encodeURIComponent(password)}@127.0.0.1:${server.port}/origin.git`
    const repository = stage.repository({
      origin: url,
      environment: { ...operator, PATH: await spyingPath(stage) },
    })
    await repository.ensureReady()
    const commit = await repository.commitFiles({ 'WORKER_1_TASK_LIST.md': 'x' }, 'Write\n')
    expect(await repository.publish()).toEqual({ type: 'published', commit })
    expect(await git(stage.origin, 'rev-parse', 'main')).toBe(commit)
    const commandLines = await readFile(join(stage.directory, 'command-lines'), 'utf8')
    expect(commandLines).toContain(`http://127.0.0.1:${server.port}/origin.git`)
    expect(commandLines).not.toMatch(/nary/)
    expect(() => execFileSync('grep', ['-r', 'nary', stage.hub])).toThrow('Command failed')
  })

  it("is reached with the operator's credential helper, which keeps its own", async () => {
    await using stage = await openStage()
    await using server = await serve(stage, password)
    const config = join(stage.directory, 'gitconfig')
    await writeFile(
      config,
      `[credential]\n\thelper = "!f() { echo username=me; echo 'password=${password}'; }; f"\n`,
    )
    const environment = { ...operator, GIT_CONFIG_GLOBAL: config }
    const { head } = await stage
      .repository({ origin: `http://127.0.0.1:${server.port}/origin.git`, environment })
      .ensureReady()
    expect(await git(stage.origin, 'rev-parse', 'main')).toBe(head)
  })

  it.each([
    ['a wrong password', 'http://me:wr%40ng-canary@127.0.0.1:'],
    ['none', 'http://127.0.0.1:'],
  ])('is refused with a remedy and without a prompt for %s', async (_, prefix) => {
    await using stage = await openStage()
    await using server = await serve(stage, password)
    const repository = stage.repository({ origin: `${prefix}${server.port}/origin.git` })
    const error = await repository.ensureReady().catch((cause: unknown) => cause)
    expect(String(error)).toMatch(
      /fetching main from http:\/\/127\.0\.0\.1:\d+\/origin\.git failed: .*; give the server the right/,
    )
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/canary/)
    expect(existsSync(stage.hub)).toBe(false)
  })
})

describe('a hostile URL', () => {
  it.each([
    'ext::sh -c "touch ran"',
    '--upload-pack=touch ran',
    'fd::3',
    'git@-oProxyCommand=touch ran:x',
  ])('%s is refused before git runs', (origin) => {
    const options = {
      path: '/nowhere/hub.git',
      backups: '/nowhere/backups.git',
      origin,
      target: 'main',
      protect: [],
      authorship: { identityOf: () => someone, authors: [] },
      maxIntakeBytes: 1,
      maxIntakeSeconds: 1,
      environment: operator,
    }
    const create = () =>
      createGitRepository({
        ...options,
        publish: { to: 'none' },
        identity: { name: 'x', email: 'x' },
      })
    expect(create).toThrow("the repository's URL")
  })
})

async function nonBare(stage: Stage): Promise<void> {
  await git(stage.origin, 'config', 'core.bare', 'false')
}

const protectedBranch = (stage: Stage) => hook(stage, 'echo main is protected\nexit 1')

/**
 * A PATH whose git notes its command line first, as any user could read it from the process table.
 */
async function spyingPath(stage: Stage): Promise<string> {
  const bin = join(stage.directory, 'bin')
  await mkdir(bin)
  const real = execFileSync('sh', ['-c', 'command -v git']).toString().trim()
  await writeFile(
    join(bin, 'git'),
    `#!/bin/sh\necho "$*" >> ${stage.directory}/command-lines\nexec ${real} "$@"\n`,
  )
  await chmod(join(bin, 'git'), 0o755)
  return `${bin}:${operator['PATH'] ?? ''}`
}

/** The stage over HTTP, through git's own CGI program, for those who know the password. */
async function serve(stage: Stage, password: string) {
  const answer = serveGit(stage)
  const expected = `Basic ${Buffer.from(`me:${password}`).toString('base64')}`
  const server = createServer((request, response) => {
    if (request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="stage"' }).end()
      return
    }
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
