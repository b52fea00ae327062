import { execFileSync, spawnSync } from 'node:child_process'
import fastify from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { createDockerRuntime } from '../../src/adapters/docker/runtime.ts'
import { createLaunchSockets } from '../../src/http/instance/launch-sockets.ts'
import { noProxy } from '../support/no-proxy.ts'
import {
  anOrder,
  containerOf,
  dockerOptions,
  dockerSubject,
  openRuntimeStage,
  worker1,
} from '../support/runtime-stage.ts'

const hasEngine = spawnSync('docker', ['version']).status === 0

describe.skipIf(!hasEngine && process.env.CI === undefined)('a container that runs', () => {
  const resources = new AsyncDisposableStack()
  afterEach(() => resources.disposeAsync())

  it('is replaced unless it has the boundary that a start would give it', async () => {
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
    const sealed = dockerSubject(stage, { sockets })
    const gvisor = createDockerRuntime({
      ...dockerOptions(stage, { sockets }),
      isolation: 'gvisor',
    })
    const outdatedIn = async ({ instances }: typeof gvisor) =>
      (await instances.listRunning()).map(({ outdated }) => outdated ?? null)
    const modeOf = (): string => {
      const format = '{{.HostConfig.NetworkMode}}'
      const argv = ['inspect', '--format', format, containerOf(stage, worker1)]
      return execFileSync('docker', argv, { encoding: 'utf8' }).trim()
    }

    await open.runtime.instances.ensureRunning(anOrder())
    expect(modeOf()).toBe(`orchestrator-${stage.run}`)
    expect(await outdatedIn(open.runtime)).toEqual([null])
    const isUsable = false
    const otherNetwork = { reason: 'it was started with another network', isUsable }
    expect(await outdatedIn(sealed.runtime)).toEqual([otherNetwork])

    await sealed.runtime.instances.ensureRunning(anOrder({ launch: 2 }))
    expect(modeOf()).toBe('none')
    expect(await outdatedIn(sealed.runtime)).toEqual([null])
    expect(await outdatedIn(open.runtime)).toEqual([otherNetwork])
    expect(await outdatedIn(gvisor)).toEqual([
      { reason: 'it was started without gVisor', isUsable },
    ])
  })
})
