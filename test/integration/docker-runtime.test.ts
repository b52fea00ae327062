import { execFile, spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import type Dockerode from 'dockerode'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { findEngine } from '../../src/adapters/docker/engine.ts'
import { createDockerRuntime } from '../../src/adapters/docker/runtime.ts'
import type { InstanceNotice } from '../../src/ports/instances.ts'
import {
  anOrder,
  containerOf,
  dockerOptions,
  dockerSubject,
  openRuntimeStage,
  workerImage,
  worker1,
  type RuntimeStage,
  type Subject,
} from '../support/runtime-stage.ts'

const hasEngine = spawnSync('docker', ['version']).status === 0
const execute = promisify(execFile)
const patience = { timeout: 110_000, interval: 20 }

describe.skipIf(!hasEngine && process.env.CI === undefined)('the docker runtime', () => {
  let stage: RuntimeStage
  let subject: Subject

  const startedAt = async () =>
    (
      await execute('docker', [
        'inspect',
        '--format',
        '{{.State.StartedAt}}',
        containerOf(stage, worker1),
      ])
    ).stdout
  const containers = async () =>
    (
      await execute('docker', [
        'ps',
        '-aq',
        '--filter',
        `label=claude-code-orchestrator.run=${stage.run}`,
      ])
    ).stdout
      .split('\n')
      .filter(Boolean)

  beforeEach(async () => {
    stage = await openRuntimeStage()
    subject = dockerSubject(stage)
  })

  afterEach(() => subject.close())

  it('finds, in another server, what runs, and reports its status and death', async () => {
    await subject.runtime.instances.ensureRunning(anOrder())
    const before = await startedAt()
    const { runtime } = dockerSubject(stage)
    const notices: InstanceNotice[] = []
    using _watching = runtime.instances.watch((notice) => notices.push(notice))
    await runtime.instances.ensureRunning(anOrder())
    expect(await startedAt()).toBe(before)
    await vi.waitFor(() => expect(runtime.instances.status(worker1)).toBe('idle'), patience)
    await subject.kill(worker1)
    await vi.waitFor(
      () =>
        expect(notices).toContainEqual({
          type: 'died',
          instance: worker1,
          launch: 1,
          cause: 'exit code 137',
        }),
      patience,
    )
  })

  it('starts a launch again that has ended', async () => {
    await subject.runtime.instances.ensureRunning(anOrder())
    await execute('docker', ['kill', containerOf(stage, worker1)])
    await subject.runtime.instances.ensureRunning(anOrder())
    expect(await subject.runtime.instances.listRunning()).toEqual([
      { instance: worker1, launch: 1 },
    ])
  })

  it.each([
    { answer: 'is lost', isSeen: true },
    { answer: 'comes later than the question what there is', isSeen: false },
  ])('makes nothing twice when the answer to its request $answer', async ({ isSeen }) => {
    const engine = findEngine()
    const create = engine.api.createContainer.bind(engine.api)
    const list = engine.api.listContainers.bind(engine.api)
    let [creations, isHidden] = [0, false]
    engine.api.createContainer = async (options: Dockerode.ContainerCreateOptions) => {
      const container = await create(options)
      creations += 1
      isHidden = !isSeen
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', container })
    }
    engine.api.listContainers = (async (options?: Dockerode.ContainerListOptions) => {
      const wasHidden = isHidden
      isHidden = false
      return wasHidden ? [] : list(options)
    }) as typeof engine.api.listContainers
    const runtime = createDockerRuntime({ ...dockerOptions(stage), engine })
    await expect(runtime.instances.ensureRunning(anOrder())).rejects.toThrow(
      'creating the container',
    )
    engine.api.createContainer = create
    await runtime.instances.ensureRunning(anOrder())
    expect(creations).toBe(1)
    expect(await containers()).toHaveLength(1)
    expect(await runtime.instances.listRunning()).toEqual([{ instance: worker1, launch: 1 }])
  })

  it('does not touch what is not its own, be it named like an instance', async () => {
    await subject.runtime.ensureUsable()
    await execute('docker', ['create', '--name', containerOf(stage, worker1), workerImage])
    await expect(subject.runtime.instances.ensureRunning(anOrder())).rejects.toThrow(
      `docker rm -f ${containerOf(stage, worker1)}`,
    )
    await subject.runtime.instances.ensureAllStopped()
    await execute('docker', ['rm', containerOf(stage, worker1)])
  })

  it('prepares the workspace from inside and hands out its branches', async () => {
    await subject.runtime.instances.ensureRunning(anOrder())
    await vi.waitFor(() => expect(subject.runtime.instances.status(worker1)).toBe('idle'), patience)
    expect(
      await subject.runtime.workspaces.runTool(worker1, ['workspace', 'begin', 'tower']),
    ).toMatchObject({
      exitCode: 0,
      stderr: '',
    })
    expect(
      await subject.runtime.workspaces.runTool(worker1, ['workspace', 'ready', 'tower']),
    ).toMatchObject({
      exitCode: 3,
    })
    await expect(advertised(subject.runtime.workspaces.uploadPack(worker1))).resolves.toContain(
      `${stage.head} refs/heads/task/tower`,
    )
    await subject.runtime.instances.ensureRunning(anOrder({ launch: 2 }))
    await expect(advertised(subject.runtime.workspaces.uploadPack(worker1))).resolves.toContain(
      'refs/heads/task/tower',
    )
  })

  it('checks a commit in a place that has no network, no credential, and is gone afterwards', async () => {
    const { runtime } = subject
    expect(
      await runtime.checkRunner.run(
        stage.head,
        ['cat README.md', 'test -z "$ORCHESTRATOR_TOKEN"', '! ls /sys/class/net | grep -v lo'],
        30_000,
      ),
    ).toMatchObject({ ok: true })
    const failed = await runtime.checkRunner.run(
      stage.head,
      ['echo seen', 'false; true', 'echo not seen'],
      30_000,
    )
    expect(failed).toEqual({
      ok: false,
      position: 1,
      output: '$ echo seen\nseen\n$ false; true\n',
    })
    const long = await runtime.checkRunner.run(stage.head, ['seq 1 20000'], 30_000)
    expect(long).toMatchObject({ ok: true, output: expect.stringMatching(/\n20000\n$/) as string })
    expect(long.output.length).toBeLessThanOrEqual(16 * 1024)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const ring = (position: number | null) => void (position === 1 && vi.advanceTimersByTime(2_000))
    const late = await runtime.checkRunner
      .run(stage.head, ['echo begun', 'sleep 60'], 2_000, ring)
      .finally(() => void vi.useRealTimers())
    expect(late).toMatchObject({
      ok: false,
      output: expect.stringContaining(
        'begun\n$ sleep 60\n\nended after 2 s: it took too long',
      ) as string,
    })
    expect(await containers()).toEqual([])
  })

  it('checks a commit with the network of the run where the operator allows it, and no more', async () => {
    const { runtime } = dockerSubject(stage, { checksReachNetwork: true })
    await runtime.ensureUsable()
    const { hostname: listenOn } = new URL((await runtime.serverAddress(0)).url)
    const server = createServer((_, answer) => answer.end('reached'))
    await new Promise<void>((resolve) => server.listen(0, listenOn, resolve))
    const { port } = server.address() as AddressInfo
    try {
      const commands = [
        `curl -fsS --max-time 10 http://${listenOn}:${port}`,
        '! env | grep -iE "token|anthropic|orchestrator|launch"',
        'test ! -e /etc/claude-code && test ! -e "$HOME/.orchestrator"',
      ]
      const outcome = await runtime.checkRunner.run(stage.head, commands, 60_000)
      expect(outcome).toMatchObject({ ok: true })
      expect(outcome.output).toContain('reached')
    } finally {
      server.close()
    }
  })

  it('names the remedy when its image is missing', async () => {
    const runtime = createDockerRuntime({ ...dockerOptions(stage), image: 'absent/image:1' })
    await expect(runtime.ensureUsable()).rejects.toThrow(
      'the image absent/image:1 is not on this machine. Build it (npm run image)',
    )
  })
})

/** The refs that an upload-pack offers first. */
function advertised([program = '', ...words]: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    child.once('error', reject).once('close', () => resolve(text))
    child.stdin.end('0000')
  })
}
