import { execFile, execFileSync } from 'node:child_process'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { hubEnvironment } from '../../src/adapters/git/command/environment.ts'
import { createGit, GitFailure, LimitExceeded } from '../../src/adapters/git/command/git.ts'
import { GitThread } from '../../src/adapters/git/command/git-thread.ts'
import { hubLimits } from '../../src/adapters/git/command/limits.ts'
import { runGit } from '../../src/adapters/git/command/run-git.ts'
import { openStage, operator } from './git-stage.ts'

const environment = hubEnvironment(operator)
const adapter = (file: string): string =>
  JSON.stringify(new URL(`../../src/adapters/git/${file}`, import.meta.url).href)

async function begin() {
  const stage = await openStage()
  await stage.repository().ensureReady()
  const thread = new GitThread()
  const git = createGit(stage.hub, environment, thread)
  const fifo = join(stage.directory, 'fifo')
  execFileSync('mkfifo', [fifo])
  return {
    stage,
    thread,
    git,
    /** Ends when a writer closes the fifo. */
    waitingGit: () =>
      git(['ls-remote', `ext::cat ${fifo}`], {
        environment: { ...environment, GIT_ALLOW_PROTOCOL: 'ext' },
      }),
    letGo: async () => (await open(fifo, 'w')).close(),
    [Symbol.asyncDispose]: async () => {
      await thread[Symbol.asyncDispose]()
      await stage[Symbol.asyncDispose]()
    },
  }
}

describe('git of the hub', () => {
  it('is no child that the thread of the server starts', async () => {
    await using scene = await begin()
    const waiting = scene.waitingGit().catch(String)
    await scene.git(['version'])
    expect(process.getActiveResourcesInfo()).not.toContain('ProcessWrap')
    await scene.letGo()
    expect(await waiting).toContain('ls-remote')
  })

  it('does not wait for input that never comes', async () => {
    await using scene = await begin()
    const hash = async (...input: readonly string[]) => {
      const [text] = input
      const call = text === undefined ? {} : { input: text }
      return (await scene.git(['hash-object', '--stdin'], call)).text
    }
    const ofNothing = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    expect(await hash('')).toBe(ofNothing)
    expect(await hash()).toBe(ofNothing)
    expect(await hash('a')).not.toBe(ofNothing)
  })

  it('waits for no timer when it prints nothing', async () => {
    await using scene = await begin()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { silenceMs, outputBytes } = hubLimits
      const ended = await runGit({
        ...{ directory: scene.stage.hub, args: ['for-each-ref', 'refs/none'], config: [] },
        ...{ environment, input: null, silenceMs, outputBytes },
      })
      expect(ended).toMatchObject({ exitCode: 0, stdout: { length: 0 }, failure: null })
    } finally {
      vi.useRealTimers()
    }
  })

  it('gets all of its input and gives all of its output', async () => {
    await using scene = await begin()
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 128))
    const input = bytes.toString('latin1')
    const { text: id } = await scene.git(['hash-object', '-w', '--stdin'], { input })
    const { stdout } = await scene.git(['cat-file', 'blob', id])
    expect(stdout.equals(bytes)).toBe(true)
  })

  it('cannot be run where there is no directory, and goes on elsewhere', async () => {
    await using scene = await begin()
    const nowhere = createGit(join(scene.stage.directory, 'none'), environment, scene.thread)
    const waiting = scene.waitingGit().catch(String)
    await expect(nowhere(['version'])).rejects.toThrow('does not exist')
    await scene.letGo()
    expect(await waiting).not.toContain('thread')
  })

  it('is ended when it is silent for too long', async () => {
    await using scene = await begin()
    const call = { environment: { ...environment, GIT_ALLOW_PROTOCOL: 'ext' } }
    const limits = { ...hubLimits, silenceMs: 200 }
    const failure = await scene
      .git(['ls-remote', 'ext::sleep 60'], { ...call, limits })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(GitFailure)
    expect(failure).toMatchObject({ exitCode: -1, cause: { message: 'block timeout reached' } })
  })

  it('is ended when it prints too much', async () => {
    await using scene = await begin()
    const limits = { ...hubLimits, outputBytes: 10 }
    const failure = await scene.git(['version'], { limits }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(LimitExceeded)
    expect(failure).toMatchObject({ excess: 'prints too much', stdout: '' })
  })

  it('is not seen with the secrets that it printed', async () => {
    await using scene = await begin()
    const scrub = (text: string): string => text.replaceAll('hunter2', '***')
    const failure = await scene
      .git(['rev-parse', '--verify', 'hunter2'], { scrub })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(GitFailure)
    const seen = failure instanceof GitFailure ? [failure, failure.stderr, failure.cause] : []
    expect(seen.map(String).join()).not.toContain('hunter2')
  })
})

describe('the thread that runs git', () => {
  it('fails what runs there as a git that was killed when it dies, and begins again', async () => {
    await using scene = await begin()
    const waiting = [1, 2].map(() => scene.waitingGit().catch((error: unknown) => error))
    await scene.git(['version'])
    await scene.thread[Symbol.asyncDispose]()
    for (const failure of await Promise.all(waiting)) {
      expect(failure).toBeInstanceOf(GitFailure)
      expect(failure).not.toBeInstanceOf(LimitExceeded)
      expect(failure).toMatchObject({
        exitCode: -1,
        stderr: '',
        stdout: '',
        cause: { message: 'the thread that runs git ended' },
      })
    }
    expect((await scene.git(['version'])).text).toContain('git version')
    await scene.letGo()
  })

  it('keeps the process alive while git runs, and no longer', async () => {
    await using scene = await begin()
    const script = `import { createGit } from ${adapter('command/git.ts')}
      import { hubEnvironment } from ${adapter('command/environment.ts')}
      const git = createGit(${JSON.stringify(scene.stage.hub)}, hubEnvironment(process.env))
      console.log((await git(['rev-parse', '--is-bare-repository'])).text)
      git(['version']).then(({ text }) => console.log(text))`
    const args = ['--input-type=module', '--eval', script]
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: operator })
    expect(stdout).toMatch(/^true\ngit version .*\n$/)
  })
})
