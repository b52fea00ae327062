import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastify from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { createLaunchSockets } from '../../src/http/instance/launch-sockets.ts'
import { noProxy } from '../support/no-proxy.ts'
import { anOrder, dockerSubject, openRuntimeStage } from '../support/runtime-stage.ts'

const hasEngine = spawnSync('docker', ['version']).status === 0

describe.skipIf(!hasEngine && process.env.CI === undefined)('what an earlier server left', () => {
  let resources = new AsyncDisposableStack()
  afterEach(async () => {
    await resources.disposeAsync()
    resources = new AsyncDisposableStack()
  })

  async function openStage() {
    const app = fastify()
    resources.defer(() => app.close())
    const sockets = createLaunchSockets({
      surfaces: Promise.resolve({ instances: app, checks: app }),
      proxyFor: () => noProxy(),
      arrivalLimitMs: 30_000,
    })
    resources.use(sockets)
    const stage = await openRuntimeStage()
    const open = dockerSubject(stage)
    resources.defer(() => open.close())
    const hasNetwork = (): boolean =>
      spawnSync('docker', ['network', 'inspect', `orchestrator-${stage.run}`]).status === 0
    const [sealed, sealedLater] = [
      dockerSubject(stage, { sockets }),
      dockerSubject(stage, { sockets }),
    ]
    return {
      ...{ stage, hasNetwork, open: open.runtime },
      ...{ sealed: sealed.runtime, sealedLater: sealedLater.runtime },
    }
  }

  it('the network of the run goes when nothing of a sealed run uses it any more', async () => {
    const { hasNetwork, open, sealed, sealedLater } = await openStage()
    await open.ensureUsable()
    expect(hasNetwork()).toBe(true)
    await sealed.ensureUsable()
    expect(hasNetwork()).toBe(false)

    await open.instances.ensureRunning(anOrder())
    await sealedLater.ensureUsable()
    expect(hasNetwork()).toBe(true)
    await sealedLater.instances.ensureRunning(anOrder({ launch: 2 }))
    expect(hasNetwork()).toBe(false)
  })

  it.each(['open', 'sealed'] as const)('sockets of checks go, also when %s', async (network) => {
    const started = await openStage()
    const left = join(started.stage.directory, 'checks', '0123abcd')
    await mkdir(left, { recursive: true })
    await writeFile(join(left, 'server.sock'), '')
    await started[network].ensureUsable()
    expect(existsSync(left)).toBe(false)
  })
})
