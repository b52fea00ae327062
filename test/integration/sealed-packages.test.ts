import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLaunchSockets } from '../../src/http/instance/launch-sockets.ts'
import { createRegistry } from '../../src/registry/registry.ts'
import { noProxy } from '../support/no-proxy.ts'
import {
  dockerSubject,
  openRuntimeStage,
  type RuntimeStage,
  type Subject,
} from '../support/runtime-stage.ts'

const hasEngine = spawnSync('docker', ['version']).status === 0
const execute = promisify(execFile)

const project = JSON.stringify({
  name: 'sample',
  version: '1.0.0',
  dependencies: { 'is-odd': '3.0.1' },
})

describe.skipIf(!hasEngine && process.env.CI === undefined)('checks without a network', () => {
  let stage: RuntimeStage
  let subject: Subject
  const app = fastify()
  const sockets = createLaunchSockets({
    surfaces: Promise.resolve({ instances: app, checks: app }),
    proxyFor: () => noProxy(),
    arrivalLimitMs: 30_000,
  })

  const check = (...commands: readonly string[]) =>
    subject.runtime.checkRunner.run(stage.head, commands, 120_000)

  beforeAll(async () => {
    const { stdout } = await execute('npm', ['config', 'get', 'registry'])
    const url = new URL(stdout.trim())
    const registry = createRegistry({ url, nameInLockFiles: url, callerOf: () => 'checks' })
    app.register(registry, { prefix: '/registry/npm' })
    stage = await openRuntimeStage({ 'package.json': project })
    subject = dockerSubject(stage, { sockets, checksReachNetwork: true })
    await subject.runtime.ensureUsable()
  })
  afterAll(async () => {
    await subject.close()
    await sockets[Symbol.asyncDispose]()
    await app.close()
  })

  it('install the packages of a project, and publish none', async () => {
    const installing = await check(
      'npm install',
      `node -e 'process.exit(require("is-odd")(3) ? 0 : 1)'`,
    )
    expect(installing).toMatchObject({ ok: true })
    const token = '--//127.0.0.1:7700/registry/npm/:_authToken=anything'
    const publishing = await check(`npm publish ${token} 2>&1 || true`)
    expect(publishing.output).toMatch(/405/)
  })

  it('reach no host, and leave no sockets behind', async () => {
    const outcome = await check(
      'tail -n +3 /proc/net/dev | cut -d: -f1',
      'curl -sS --max-time 5 https://example.com 2>&1 || echo refused',
      '! env | grep -iE "token|anthropic|launch"',
    )
    expect(outcome).toMatchObject({ ok: true })
    expect(outcome.output).toMatch(/^\s*lo$/m)
    expect(outcome.output).not.toMatch(/eth0/)
    expect(outcome.output).toContain('refused')
    const left = await execute('ls', [`${stage.directory}/checks`])
    expect(left.stdout).toBe('')
  })
})
