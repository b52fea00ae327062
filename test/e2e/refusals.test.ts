import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'vitest'
import { expectRefusal, RefusalScene } from '../support/refusal-scene.ts'

const unprivileged = 65_534

describe('a server that cannot start', () => {
  let scene: RefusalScene
  beforeEach(() => {
    scene = new RefusalScene()
  })
  afterEach(() => scene[Symbol.dispose]())

  describe('for its configuration', () => {
    it('says where orchestrator.json is missing', () =>
      expectRefusal(scene, 78, [/orchestrator\.json: is not there/, /copy config\.example/]))

    it('points at the line of broken JSON', async () => {
      writeFileSync(join(scene.config, 'orchestrator.json'), '{\n  "branch": main\n}')
      await expectRefusal(scene, 78, [/orchestrator\.json:2:\d+: is not valid JSON/])
    })

    it('names every mistake at once', async () => {
      scene.configure({ workerCount: 1.5, brnach: 'main', repositoryUrl: 'ext::sh -c true' })
      await expectRefusal(scene, 78, [/brnach .*\n.*branch/, /workerCount/, /repositoryUrl/])
    })

    it.each([0, 1.5, 1000, '3'])('refuses workerCount %s', async (workerCount) => {
      scene.configure({ workerCount })
      await expectRefusal(scene, 78, [/workerCount/, /→/])
    })

    it('refuses a glob without a match', async () => {
      scene.configure({ claudeConfigs: 'nowhere/*.json' })
      await expectRefusal(scene, 78, [/claudeConfigs/, /→/])
    })

    it('refuses fewer credentials than instances', async () => {
      scene.configure({ workerCount: 3 })
      await expectRefusal(scene, 78, [/claudeConfigs/, /instancesPerCredential|workerCount/])
    })

    it('refuses a credential that others can read', async () => {
      scene.configure()
      scene.credential('two', 0o644)
      await expectRefusal(scene, 78, [/two\.json/, /chmod 600/])
    })

    it('refuses an empty credential', async () => {
      scene.configure()
      writeFileSync(join(scene.config, 'keys', 'two.json'), '')
      await expectRefusal(scene, 78, [/two\.json/, /→/])
    })

    it.each([
      'ext::sh -c "touch owned"',
      '--upload-pack=touch owned',
      '-oProxyCommand=x@host:y',
      'http://[bad',
    ])('refuses the repository %s', async (repositoryUrl) => {
      scene.configure({ repositoryUrl })
      await expectRefusal(scene, 78, [/repositoryUrl/, /→/])
    })

    it('refuses options that it does not know, with the usage', () => {
      scene.configure()
      return expectRefusal(scene, 2, [/unknown option/], { options: ['--prot', '1'] })
    })
  })

  describe('for the repository', () => {
    it('says that it cannot be reached', async () => {
      scene.configure({ repositoryUrl: join(scene.directory, 'nowhere') })
      await expectRefusal(scene, 1, [/nowhere/])
    })

    it('says that it is empty', async () => {
      rmSync(scene.origin, { recursive: true })
      execFileSync('git', ['init', '-q', '-b', 'main', scene.origin])
      scene.configure()
      await expectRefusal(scene, 1, [/empty|no commit/])
    })

    it('names the branches that there are', async () => {
      scene.configure({ branch: 'develop' })
      await expectRefusal(scene, 1, [/develop/, /main/])
    })

    it('says that it has no PROJECT_DIRECTION.md', async () => {
      scene.git('rm', '-q', 'PROJECT_DIRECTION.md')
      scene.git('commit', '-qm', 'Remove')
      scene.configure()
      await expectRefusal(scene, 1, [/PROJECT_DIRECTION\.md/])
    })
  })

  describe('for the machine', () => {
    it('says which port is taken', async () => {
      const holder = createServer().listen(0, '127.0.0.1')
      await new Promise((listening) => holder.once('listening', listening))
      const address = holder.address()
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0
      scene.configure({ port })
      await expectRefusal(scene, 1, [new RegExp(`127\\.0\\.0\\.1:${port}`), /--port/])
      holder.close()
    })

    it('says that there is no engine', async () => {
      scene.configure()
      await expectRefusal(scene, 1, [/engine/i, /no\.sock/], {
        environment: { DOCKER_HOST: `unix://${scene.directory}/no.sock` },
      })
    })

    it('says that it may not use the engine', async () => {
      for (const path of [scene.directory, scene.config, join(scene.config, 'keys')])
        chownSync(path, unprivileged, unprivileged)
      for (const name of ['one', 'two', 'three'])
        chownSync(join(scene.config, 'keys', `${name}.json`), unprivileged, unprivileged)
      execFileSync('chown', ['-R', `${unprivileged}`, scene.origin])
      scene.configure()
      await expectRefusal(scene, 1, [/docker\.sock/, /may not use the Docker engine/, /usermod/], {
        uid: unprivileged,
      })
    })

    it('says how to make an image that is missing', async () => {
      scene.configure({ image: 'claude-code-orchestrator-worker:never-built' })
      await expectRefusal(scene, 1, [/never-built/, /npm run image/])
    })

    it.each(['tmux', 'git'])('says that %s is missing', async (missing) => {
      const bin = join(scene.origin, 'bin')
      mkdirSync(bin)
      const has = missing === 'tmux' ? 'git' : 'tmux'
      execFileSync('ln', [
        '-s',
        execFileSync('which', [has], { encoding: 'utf8' }).trim(),
        join(bin, has),
      ])
      scene.configure()
      await expectRefusal(scene, 1, [new RegExp(missing), /install/], {
        environment: { PATH: bin },
      })
    })

    it('says that git is too old', async () => {
      const bin = join(scene.origin, 'bin')
      mkdirSync(bin)
      writeFileSync(join(bin, 'git'), '#!/bin/sh\necho git version 2.30.2\n', { mode: 0o755 })
      scene.configure()
      await expectRefusal(scene, 78, [/2\.30\.2/, /2\.39\.1/], {
        environment: { PATH: `${bin}:${process.env['PATH']}` },
      })
    })

    it('says that tmux is too old', async () => {
      const bin = join(scene.origin, 'bin')
      mkdirSync(bin)
      writeFileSync(join(bin, 'tmux'), '#!/bin/sh\necho tmux 3.2a\n', { mode: 0o755 })
      scene.configure()
      await expectRefusal(scene, 78, [/tmux 3\.2a/, /3\.3/], {
        environment: { PATH: `${bin}:${process.env['PATH']}` },
      })
    })

    it('says that the disk is full', async () => {
      const disk = join(scene.origin, 'disk')
      mkdirSync(disk)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk])
      scene.configure()
      try {
        await expectRefusal(scene, 1, [/MiB are free/, /--state/], { state: join(disk, 'state') })
      } finally {
        execFileSync('umount', [disk])
      }
    })
  })
})
