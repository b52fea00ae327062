import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, open, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createGit } from '../../src/adapters/git/command/git.ts'
import { hubEnvironment } from '../../src/adapters/git/command/environment.ts'
import { openStage, operator } from './git-stage.ts'

async function leaveLock(hub: string, name: string): Promise<string> {
  const lock = join(hub, name)
  await mkdir(dirname(lock), { recursive: true })
  await writeFile(lock, '')
  return lock
}

describe('a lock in the hub whose owner died while the server lives', () => {
  it.each(['refs/heads/main.lock', 'HEAD.lock', 'refs/drafts/files.lock'])(
    'does not keep anything from being written: %s',
    async (name) => {
      await using stage = await openStage()
      const repository = stage.repository()
      await repository.ensureReady()
      const lock = await leaveLock(stage.hub, name)
      await repository.commitFiles({ 'WORKER_1_TASK_LIST.md': 'x' }, 'Write\n')
      expect(Object.keys(await repository.taskLists())).toEqual(['WORKER_1_TASK_LIST.md'])
      expect(existsSync(lock)).toBe(false)
    },
  )

  it('does not keep anything from being written when the clock was set back since', async () => {
    await using stage = await openStage()
    const repository = stage.repository()
    await repository.ensureReady()
    const lock = await leaveLock(stage.hub, 'refs/heads/main.lock')
    const inAnHour = Date.now() / 1_000 + 3_600
    await utimes(lock, inAnHour, inAnHour)
    const git = createGit(stage.hub, hubEnvironment(operator))
    const fifo = join(stage.directory, 'fifo')
    execFileSync('mkfifo', [fifo])
    const environment = { ...hubEnvironment(operator), GIT_ALLOW_PROTOCOL: 'ext' }
    const slow = git(['ls-remote', `ext::cat ${fifo}`], { environment }).catch(String)
    await git(['update-ref', 'refs/heads/main', 'HEAD'])
    expect(existsSync(lock)).toBe(false)
    await (await open(fifo, 'w')).close()
    await slow
  })

  it('does not keep what others pushed from being fetched', async () => {
    await using stage = await openStage()
    const repository = stage.repository()
    await repository.ensureReady()
    await stage.push({ 'README.md': 'hello' })
    await leaveLock(stage.hub, 'refs/upstream/main.lock')
    expect(await repository.mergeUpstream()).toMatchObject({ type: 'merged' })
  })

  it('is not taken for dead while a command that may be its owner is under way', async () => {
    await using stage = await openStage()
    const { head } = await stage.repository().ensureReady()
    const git = createGit(stage.hub, hubEnvironment(operator))
    const update = () =>
      git(['update-ref', '--stdin'], {
        input: `start\nupdate refs/heads/main ${head} ${head}\ncommit\n`,
      })
    const environment = { ...hubEnvironment(operator), GIT_ALLOW_PROTOCOL: 'ext' }
    const fifo = join(stage.directory, 'fifo')
    execFileSync('mkfifo', [fifo])
    const begun = Date.now()
    const slow = git(['ls-remote', `ext::cat ${fifo}`], { environment }).catch(String)
    const lock = await leaveLock(stage.hub, 'refs/heads/main.lock')
    // As by a kernel that looks at its clock a hundred times a second.
    await utimes(lock, (begun - 9) / 1_000, (begun - 9) / 1_000)
    const refusal = await update().catch(String)
    const isKept = existsSync(lock)
    // It reads until the last writer closes the pipe.
    await (await open(fifo, 'w')).close()
    expect(await slow).toContain('ls-remote')
    expect(refusal).toContain('File exists')
    expect(isKept).toBe(true)
    await update()
    expect(existsSync(lock)).toBe(false)
  })
})
