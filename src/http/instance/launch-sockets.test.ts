import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noProxy } from '../../../test/support/no-proxy.ts'
import { InstanceId } from '../../core/model/ids.ts'
import { LaunchTokens } from '../../engine/commands/launch-tokens.ts'
import { requireOwnSocket } from '../access/socket-launch.ts'
import { createLaunchSockets, mostConnections } from './launch-sockets.ts'

const worker1 = InstanceId('worker-1')
const worker2 = InstanceId('worker-2')
const tokens = new LaunchTokens('secret')

describe('the sockets of launches', () => {
  let root: string
  let app: FastifyInstance
  let sockets: ReturnType<typeof createLaunchSockets>

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'sockets-'))
    app = fastify()
    requireOwnSocket(app, tokens)
    app.post('/hooks/Stop', () => ({ ok: true }))
    sockets = createLaunchSockets({
      surfaces: Promise.resolve({ instances: app, checks: app }),
      proxyFor: () => noProxy(),
      arrivalLimitMs: 30_000,
    })
  })
  afterEach(async () => {
    await sockets[Symbol.asyncDispose]()
    await app.close()
    await rm(root, { recursive: true })
  })

  const directoryOf = async (...names: readonly string[]): Promise<string> => {
    const directory = join(root, ...names)
    await mkdir(directory, { recursive: true })
    return directory
  }

  /** The status of a hook that arrives through the socket; null when nothing answers. */
  const post = (directory: string, token: string | null, name = 'authorization') =>
    new Promise<number | null>((resolve) => {
      const headers =
        token === null ? {} : { [name]: name === 'x-api-key' ? token : `Bearer ${token}` }
      const socketPath = shortened(join(directory, 'server.sock'))
      request({ socketPath, path: '/hooks/Stop', method: 'POST', headers }, (response) => {
        response.resume()
        resolve(response.statusCode ?? null)
      })
        .once('error', () => resolve(null))
        .end()
    })

  it('serve the launch that each belongs to', async () => {
    const [one, two] = [await directoryOf('1'), await directoryOf('2')]
    await sockets.open({ instance: worker1, launch: 3 }, one)
    await sockets.open({ instance: worker2, launch: 1 }, two)
    expect(await post(one, tokens.tokenOf(worker1, 3))).toBe(200)
    expect(await post(two, tokens.tokenOf(worker2, 1))).toBe(200)
  })

  it('refuse the token of another instance and that of another launch', async () => {
    const one = await directoryOf('1')
    await sockets.open({ instance: worker1, launch: 3 }, one)
    expect(await post(one, tokens.tokenOf(worker2, 1))).toBe(403)
    expect(await post(one, tokens.tokenOf(worker1, 2))).toBe(403)
    expect(await post(one, tokens.tokenOf(worker2, 1), 'x-api-key')).toBe(403)
  })

  it('end with the launch', async () => {
    const [one, two] = [await directoryOf('1'), await directoryOf('2')]
    await sockets.open({ instance: worker1, launch: 1 }, one)
    await sockets.open({ instance: worker1, launch: 2 }, two)
    expect(await post(one, tokens.tokenOf(worker1, 2))).toBeNull()
    expect(existsSync(join(one, 'server.sock'))).toBe(false)
    expect(await post(two, tokens.tokenOf(worker1, 2))).toBe(200)
    await sockets.close(worker1)
    expect(await post(two, tokens.tokenOf(worker1, 2))).toBeNull()
  })

  it('open once, however often and however much at the same time they are asked for', async () => {
    const one = await directoryOf('1')
    await Promise.all([1, 2, 3].map(() => sockets.open({ instance: worker1, launch: 1 }, one)))
    const keptOpen = await openConnection(one)
    await sockets.open({ instance: worker1, launch: 1 }, one)
    expect(keptOpen.destroyed).toBe(false)
    keptOpen.destroy()
    expect(await post(one, tokens.tokenOf(worker1, 1))).toBe(200)
  })

  it('replace what a killed server left', async () => {
    const one = await directoryOf('1')
    await writeFile(join(one, 'server.sock'), 'left behind')
    await sockets.open({ instance: worker1, launch: 1 }, one)
    expect(await post(one, tokens.tokenOf(worker1, 1))).toBe(200)
  })

  it('open in a directory whose path is longer than that of a socket may be', async () => {
    const deep = await directoryOf(...Array.from({ length: 8 }, () => 'a'.repeat(40)))
    await sockets.open({ instance: worker1, launch: 1 }, deep)
    process.chdir(deep)
    expect(await post('.', tokens.tokenOf(worker1, 1))).toBe(200)
  })

  it('can be opened again after a directory was missing', async () => {
    const missing = join(root, 'missing')
    const opening = sockets.open({ instance: worker1, launch: 1 }, missing)
    await expect(opening).rejects.toThrow('missing')
    await mkdir(missing)
    await sockets.open({ instance: worker1, launch: 1 }, missing)
    expect(await post(missing, tokens.tokenOf(worker1, 1))).toBe(200)
  })

  it('take no more connections than a launch needs', async () => {
    const [one, two] = [await directoryOf('1'), await directoryOf('2')]
    await sockets.open({ instance: worker1, launch: 1 }, one)
    await sockets.open({ instance: worker2, launch: 1 }, two)
    const held = await Promise.all(
      Array.from({ length: mostConnections }, () => openConnection(one)),
    )
    expect(await post(one, tokens.tokenOf(worker1, 1))).toBeNull()
    expect(await post(two, tokens.tokenOf(worker2, 1))).toBe(200)
    for (const connection of held) connection.destroy()
  })
})

/** A client has the same limit of 107 bytes; it is in the directory instead. */
const shortened = (path: string): string => (path.length > 100 ? './server.sock' : path)

const openConnection = (directory: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const connection = connect(join(directory, 'server.sock'), () => resolve(connection))
    connection.once('error', reject)
  })
