import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCheckRunner } from '../../src/adapters/docker/check.ts'
import { createContainers } from '../../src/adapters/docker/containers.ts'
import { listenForDeaths } from '../../src/adapters/docker/deaths.ts'
import { type Engine, findEngine } from '../../src/adapters/docker/engine.ts'
import { execute } from '../../src/adapters/docker/exec.ts'
import { createNetwork } from '../../src/adapters/docker/network.ts'
import { createTools } from '../../src/adapters/docker/tools.ts'
import { InstanceId, type RunId } from '../../src/core/model/ids.ts'
import { Unreachable } from '../../src/ports/unreachable.ts'
import { until } from '../support/fault-run.ts'

const run = 'hung' as RunId
const limits = { cpus: 1, memoryBytes: 2 ** 26, pids: 64, diskBytes: 2 ** 30 }

describe('an engine that accepts requests and never answers', () => {
  let directory: string
  let server: Server
  let engine: Engine
  let answer: (socket: Socket) => void
  const requests: string[] = []
  const sockets = new Set<Socket>()

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hung-engine-'))
    requests.length = 0
    answer = () => undefined
    const path = join(directory, 'engine.sock')
    const listening = Promise.withResolvers<void>()
    server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined))
      socket.on('data', (piece: Buffer) => {
        requests.push(piece.toString().split('\r\n')[0] ?? '')
        answer(socket)
      })
    }).listen(path, listening.resolve)
    await listening.promise
    engine = findEngine({ DOCKER_HOST: `unix://${path}` }, { answerLimitMs: 200 })
  })
  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await rm(directory, { recursive: true })
  })

  const host = () => ({
    engine,
    run,
    image: 'none',
    limits,
    user: { uid: 1000, gid: 1000 },
    tools: createTools(directory),
    hub: directory,
    isolation: 'default' as const,
    certificates: null,
    outward: () => ({}),
  })

  it.each([
    ['listing containers', () => createContainers(engine, run).list()],
    ['removing the container a', () => createContainers(engine, run).remove('a')],
    ['creating the container a', () => start()],
    ['preparing the network orchestrator-hung', () => createNetwork(engine, run).ensure()],
    [
      'running ls in a',
      () => execute(engine, { container: 'a', argv: ['ls'], directory: '/', timeoutMs: 600_000 }),
    ],
    [
      'removing the container orchestrator-hung-check-',
      () => createCheckRunner(host(), null).run('c0ffee', ['true'], 600_000),
    ],
  ])('fails %s in time, as an engine that is away does', async (action, call) => {
    const error = await call().then(
      () => null,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(Unreachable)
    expect(String(error)).toContain(action)
    expect(String(error)).toContain(`does not answer at unix://${directory}`)
  })

  const start = () =>
    createContainers(engine, run).start(
      { name: 'a', Image: 'none' },
      { instance: InstanceId('worker-1'), launch: 1 },
    )

  it.each([
    ['stands still', () => undefined],
    ['is cut', (socket: Socket) => socket.end()],
  ])('fails a call whose answer %s in its middle', async (_how, goOn) => {
    answer = (socket) => {
      socket.write(
        'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n[',
      )
      goOn(socket)
    }
    await expect(createContainers(engine, run).list()).rejects.toThrow('does not answer')
  })

  it('is asked again for its events', async () => {
    using _ = listenForDeaths(engine, run, {
      died: () => undefined,
      connected: async () => undefined,
    })
    await until('it was asked twice', async () =>
      requests.filter((line) => line.includes('/events')).length > 1 ? true : null,
    )
  })
})
