import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { findEngine } from '../../src/adapters/docker/engine.ts'
import { createDockerRuntime } from '../../src/adapters/docker/runtime.ts'
import type { InstanceNotice } from '../../src/ports/instances.ts'
import {
  anOrder,
  dockerOptions,
  dockerSubject,
  openRuntimeStage,
  worker1,
  type RuntimeStage,
  type Subject,
} from '../support/runtime-stage.ts'
import { openSocketProxy } from './support/socket-proxy.ts'

const hasEngine = spawnSync('docker', ['version']).status === 0
const execute = promisify(execFile)
const patience = { timeout: 110_000, interval: 20 }

describe.skipIf(!hasEngine && process.env.CI === undefined)('the docker runtime', () => {
  let stage: RuntimeStage
  let subject: Subject

  const watched = (path: string) => {
    const engine = findEngine({ DOCKER_HOST: `unix://${path}` })
    const { instances } = createDockerRuntime({ ...dockerOptions(stage), engine })
    const notices: InstanceNotice[] = []
    const watching = instances.watch((notice) => notices.push(notice))
    const deaths = () => notices.filter(({ type }) => type === 'died')
    return { instances, deaths, [Symbol.dispose]: () => watching[Symbol.dispose]() }
  }
  const death = { type: 'died', instance: worker1, launch: 1, cause: 'exit code 137' }

  beforeEach(async () => {
    stage = await openRuntimeStage()
    subject = dockerSubject(stage)
  })

  afterEach(() => subject.close())

  it('says in the last words of an instance why it could not start', async () => {
    const notices: InstanceNotice[] = []
    using _watching = subject.runtime.instances.watch((notice) => notices.push(notice))
    await execute('git', ['-C', stage.hub, 'update-ref', '-d', 'refs/heads/main'])
    await subject.runtime.instances.ensureRunning(anOrder())
    await vi.waitFor(
      () =>
        expect(notices.find(({ type }) => type === 'died')).toHaveProperty(
          'cause',
          expect.stringMatching(/^exit code 1: workspace: cloning main/),
        ),
      patience,
    )
  })

  it('takes an engine that does not answer for nothing but that', async () => {
    const notices: InstanceNotice[] = []
    const absent = join(stage.directory, 'absent.sock')
    const engine = findEngine({ DOCKER_HOST: `unix://${absent}` })
    const runtime = createDockerRuntime({ ...dockerOptions(stage), engine })
    using _watching = runtime.instances.watch((notice) => notices.push(notice))
    await expect(runtime.ensureUsable()).rejects.toThrow(
      `no Docker engine answers at unix://${absent}. Start it`,
    )
    await expect(runtime.instances.listRunning()).rejects.toThrow('no Docker engine')
    await expect(runtime.instances.ensureRunning(anOrder())).rejects.toThrow('no Docker engine')
    expect(notices).toEqual([])
  })

  it('reports a death that it missed once the engine answers again, and blames the engine', async () => {
    await using proxy = await openSocketProxy(join(stage.directory, 'engine.sock'))
    using runtime = watched(proxy.path)
    await runtime.instances.ensureRunning(anOrder())
    proxy.cut()
    await subject.kill(worker1)
    await expect(runtime.instances.listRunning()).rejects.toThrow('listing containers failed')
    // One is the call above, the other is the listener's attempt to reconnect. The engine is blamed
    // only if it refused the listener.
    await vi.waitFor(() => expect(proxy.refused).toBeGreaterThanOrEqual(2), patience)
    expect(runtime.deaths()).toEqual([])
    proxy.mend()
    await vi.waitFor(() => expect(runtime.deaths()).not.toEqual([]), patience)
    expect(runtime.deaths()).toEqual([{ ...death, blame: 'engine' }])
  })

  it('reports a death that it missed once its connection is open again, and does not blame the engine', async () => {
    await using proxy = await openSocketProxy(join(stage.directory, 'engine.sock'))
    using runtime = watched(proxy.path)
    await runtime.instances.ensureRunning(anOrder())
    proxy.hold()
    await subject.kill(worker1)
    expect(runtime.deaths()).toEqual([])
    proxy.mend()
    await vi.waitFor(() => expect(runtime.deaths()).not.toEqual([]), patience)
    expect(runtime.deaths()).toEqual([death])
  })
})
