import { execFile, spawnSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import fastify from 'fastify'
import { afterAll, describe, expect, it } from 'vitest'
import { createLaunchSockets } from '../../src/http/instance/launch-sockets.ts'
import type { LaunchSockets } from '../../src/ports/launch-sockets.ts'
import { RefusedSetting } from '../../src/ports/refused-setting.ts'
import { noProxy } from '../support/no-proxy.ts'
import { dockerSubject, openRuntimeStage } from '../support/runtime-stage.ts'

const hasEngine = spawnSync('docker', ['version']).status === 0
const execute = promisify(execFile)

describe.skipIf(!hasEngine && process.env.CI === undefined)('the sockets of an engine', () => {
  const app = fastify()
  const sockets = createLaunchSockets({
    surfaces: Promise.resolve({ instances: app, checks: app }),
    proxyFor: () => noProxy(),
    arrivalLimitMs: 30_000,
  })
  /** As in a virtual machine: the directory is there, and nothing listens in it. */
  const withoutListeners: LaunchSockets = {
    ...sockets,
    openForProbe: async () => ({ [Symbol.asyncDispose]: async () => undefined }),
  }

  afterAll(async () => {
    await sockets[Symbol.asyncDispose]()
    await app.close()
  })

  const tryOut = async (used: LaunchSockets): Promise<unknown> => {
    const stage = await openRuntimeStage({ 'README.md': 'A sample.\n' })
    const subject = dockerSubject(stage, { sockets: used, checksReachNetwork: true })
    const outcome = await subject.runtime.ensureUsable().then(
      () => 'usable',
      (error: unknown) => error,
    )
    const filter = `name=orchestrator-${stage.run}-probe`
    const { stdout } = await execute('docker', ['ps', '--all', '--quiet', '--filter', filter])
    expect(stdout).toBe('')
    expect(await readdir(`${stage.directory}/checks`)).toEqual([])
    await subject.close()
    return outcome
  }

  it('are found, and nothing of the trial is left', async () => {
    expect(await tryOut(sockets)).toBe('usable')
  })

  it('are missed with the way out', async () => {
    const refused = await tryOut(withoutListeners)
    expect(refused).toBeInstanceOf(RefusedSetting)
    expect(refused).toMatchObject({
      message: expect.stringMatching(/do not reach sockets .*curl: \(7\).*"network" to "open"/),
    })
  })
})
