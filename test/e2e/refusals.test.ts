import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const serverScript = resolve(import.meta.dirname, '../../server.js')
const unprivileged = 65_534

interface Refusal {
  readonly exitCode: number | null
  readonly message: string
}

describe('a server that cannot start', () => {
  let directory: string
  let config: string
  let state: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'refusal-'))
    config = join(directory, 'config')
    state = join(directory, 'state')
    mkdirSync(join(config, 'keys'), { recursive: true })
    for (const name of ['one', 'two', 'three']) credential(name)
    makeOrigin()
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  const origin = () => join(directory, 'origin')
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', origin(), '-c', 'user.name=t', '-c', 'user.email=t@t', ...args])

  function makeOrigin(): void {
    execFileSync('git', ['init', '-q', '-b', 'main', origin()])
    writeFileSync(join(origin(), 'PROJECT_DIRECTION.md'), '# Build something\n')
    git('add', '-A')
    git('commit', '-qm', 'Begin')
  }

  function credential(name: string, mode = 0o600): void {
    const path = join(config, 'keys', `${name}.json`)
    writeFileSync(path, JSON.stringify({ env: { ANTHROPIC_API_KEY: `sk-ant-api03-fake-${name}` } }))
    chmodSync(path, mode)
  }

  function configure(change: Record<string, unknown> = {}): void {
    const settings = {
      repositoryUrl: origin(),
      workerCount: 2,
      claudeConfigs: 'keys/*.json',
      port: 0,
      publish: 'none',
      ...change,
    }
    writeFileSync(join(config, 'orchestrator.json'), JSON.stringify(settings))
  }

  function start(
    more: readonly string[] = [],
    environment: NodeJS.ProcessEnv = {},
    uid?: number,
  ): Promise<Refusal> {
    const child = spawn(
      process.execPath,
      [serverScript, '--config', config, '--state', state, ...more],
      {
        env: { PATH: process.env['PATH'], HOME: directory, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
        ...(uid === undefined ? {} : { uid, gid: uid }),
      },
    )
    let message = ''
    child.stdout.resume()
    child.stderr.on('data', (chunk: Buffer) => (message += chunk.toString()))
    return new Promise((done) => child.on('close', (exitCode) => done({ exitCode, message })))
  }

  /** Says what is wrong and what to do, with the code for it, and leaves nothing behind. */
  async function expectRefusal(
    starting: Promise<Refusal>,
    code: number,
    ...said: RegExp[]
  ): Promise<void> {
    const { exitCode, message } = await starting
    for (const words of said) expect(message).toMatch(words)
    expect(message).not.toMatch(/\n\s+at /)
    expect(exitCode).toBe(code)
    expect(existsSync(state)).toBe(false)
    expect(readdirSync(directory).toSorted()).toEqual(['config', 'origin'])
  }

  describe('for its configuration', () => {
    it('says where orchestrator.json is missing', () =>
      expectRefusal(start(), 78, /orchestrator\.json: is not there/, /copy config\.example/))

    it('points at the line of broken JSON', async () => {
      writeFileSync(join(config, 'orchestrator.json'), '{\n  "branch": main\n}')
      await expectRefusal(start(), 78, /orchestrator\.json:2:\d+: is not valid JSON/)
    })

    it('names every mistake at once', async () => {
      configure({ workerCount: 1.5, brnach: 'main', repositoryUrl: 'ext::sh -c true' })
      await expectRefusal(start(), 78, /brnach .*\n.*branch/, /workerCount/, /repositoryUrl/)
    })

    it.each([0, 1.5, 1000, '3'])('refuses workerCount %s', async (workerCount) => {
      configure({ workerCount })
      await expectRefusal(start(), 78, /workerCount/, /→/)
    })

    it('refuses a glob without a match', async () => {
      configure({ claudeConfigs: 'nowhere/*.json' })
      await expectRefusal(start(), 78, /claudeConfigs/, /→/)
    })

    it('refuses fewer credentials than instances', async () => {
      configure({ workerCount: 3 })
      await expectRefusal(start(), 78, /claudeConfigs/, /instancesPerCredential|workerCount/)
    })

    it('refuses a credential that others can read', async () => {
      configure()
      credential('two', 0o644)
      await expectRefusal(start(), 78, /two\.json/, /chmod 600/)
    })

    it('refuses an empty credential', async () => {
      configure()
      writeFileSync(join(config, 'keys', 'two.json'), '')
      await expectRefusal(start(), 78, /two\.json/, /→/)
    })

    it.each([
      'ext::sh -c "touch owned"',
      '--upload-pack=touch owned',
      '-oProxyCommand=x@host:y',
      'http://[bad',
    ])('refuses the repository %s', async (repositoryUrl) => {
      configure({ repositoryUrl })
      await expectRefusal(start(), 78, /repositoryUrl/, /→/)
    })

    it('refuses options that it does not know, with the usage', () => {
      configure()
      return expectRefusal(start(['--prot', '1']), 2, /unknown option/)
    })
  })

  describe('for the repository', () => {
    it('says that it cannot be reached', async () => {
      configure({ repositoryUrl: join(directory, 'nowhere') })
      await expectRefusal(start(), 1, /nowhere/)
    })

    it('says that it is empty', async () => {
      rmSync(origin(), { recursive: true })
      execFileSync('git', ['init', '-q', '-b', 'main', origin()])
      configure()
      await expectRefusal(start(), 1, /empty|no commit/)
    })

    it('names the branches that there are', async () => {
      configure({ branch: 'develop' })
      await expectRefusal(start(), 1, /develop/, /main/)
    })

    it('says that it has no PROJECT_DIRECTION.md', async () => {
      git('rm', '-q', 'PROJECT_DIRECTION.md')
      git('commit', '-qm', 'Remove')
      configure()
      await expectRefusal(start(), 1, /PROJECT_DIRECTION\.md/)
    })
  })

  describe('for the machine', () => {
    it('says which port is taken', async () => {
      const holder = createServer().listen(0, '127.0.0.1')
      await new Promise((listening) => holder.once('listening', listening))
      const address = holder.address()
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0
      configure({ port })
      await expectRefusal(start(), 1, new RegExp(`127\\.0\\.0\\.1:${port}`), /--port/)
      holder.close()
    })

    it('says that there is no engine', async () => {
      configure()
      await expectRefusal(
        start([], { DOCKER_HOST: `unix://${directory}/no.sock` }),
        1,
        /engine/i,
        /no\.sock/,
      )
    })

    it('says that it may not use the engine', async () => {
      for (const path of [directory, config, join(config, 'keys')])
        chownSync(path, unprivileged, unprivileged)
      for (const name of ['one', 'two', 'three'])
        chownSync(join(config, 'keys', `${name}.json`), unprivileged, unprivileged)
      execFileSync('chown', ['-R', `${unprivileged}`, origin()])
      configure()
      await expectRefusal(
        start([], {}, unprivileged),
        1,
        /docker\.sock/,
        /may not use the Docker engine/,
        /usermod/,
      )
    })

    it('says how to make an image that is missing', async () => {
      configure({ image: 'claude-code-orchestrator-worker:never-built' })
      await expectRefusal(start(), 1, /never-built/, /npm run image/)
    })

    it.each(['tmux', 'git'])('says that %s is missing', async (missing) => {
      const bin = join(directory, 'origin', 'bin')
      mkdirSync(bin)
      const has = missing === 'tmux' ? 'git' : 'tmux'
      execFileSync('ln', [
        '-s',
        execFileSync('which', [has], { encoding: 'utf8' }).trim(),
        join(bin, has),
      ])
      configure()
      await expectRefusal(start([], { PATH: bin }), 1, new RegExp(missing), /install/)
    })

    it('says that git is too old', async () => {
      const bin = join(directory, 'origin', 'bin')
      mkdirSync(bin)
      writeFileSync(join(bin, 'git'), '#!/bin/sh\necho git version 2.30.2\n', { mode: 0o755 })
      configure()
      await expectRefusal(
        start([], { PATH: `${bin}:${process.env['PATH']}` }),
        1,
        /2\.30\.2/,
        /2\.38/,
      )
    })

    it('says that the disk is full', async () => {
      const disk = join(directory, 'origin', 'disk')
      mkdirSync(disk)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk])
      state = join(disk, 'state')
      configure()
      try {
        await expectRefusal(start(), 1, /MiB are free/, /--state/)
      } finally {
        execFileSync('umount', [disk])
      }
    })
  })
})
