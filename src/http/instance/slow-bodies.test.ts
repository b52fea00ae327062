import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Stage } from '../../../test/scenarios/stage.ts'
import { one } from '../../../test/support/run.ts'
import { openSurface } from '../../../test/support/surface.ts'
import { LaunchTokens } from '../../engine/commands/launch-tokens.ts'
import { mostOpenBodies } from './rate-limit.ts'

const token = new LaunchTokens('secret').tokenOf(one, 1)

/** The largest body that is accepted, and all of it but the end. */
const length = 4 * 1024 * 1024
const headOn = (port: number): string =>
  [
    'POST /hooks/Stop HTTP/1.1',
    `host: 127.0.0.1:${port}`,
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    `content-length: ${length}`,
    '',
    '',
  ].join('\r\n')

describe('an instance that sends bodies and never ends them', () => {
  let sockets: Socket[]
  let app: ReturnType<typeof openSurface>['app']
  let port: number

  const open = async (arrivalLimitMs: number): Promise<void> => {
    const stage = await Stage.open({ plan: [] })
    await stage.until(() => stage.dispatcher.state.instances.get(one)?.launch === 1)
    app = openSurface(stage, { arrivalLimitMs }).app
    port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
  }
  /** The first line of the answer. */
  const answered = async (body: string): Promise<string> => {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    await once(socket, 'connect')
    socket.write(headOn(port) + body)
    const [first] = (await once(socket, 'data')) as [Buffer]
    return first.toString().split('\r\n')[0] ?? ''
  }

  beforeEach(() => {
    sockets = []
  })
  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    await app.close()
  })

  it('has a few of them held, and the others refused', async () => {
    await open(600_000)
    const statuses: string[] = []
    for (let number = 0; number < 60; number += 1)
      void answered('x'.repeat(1_000)).then(
        (status) => statuses.push(status),
        () => undefined,
      )
    await expect.poll(() => statuses.length, { timeout: 50_000 }).toBe(60 - mostOpenBodies)
    expect(new Set(statuses)).toEqual(new Set(['HTTP/1.1 429 Too Many Requests']))
  })

  it('loses those that do not arrive in time, and may send others then', async () => {
    await open(200)
    const first = Array.from({ length: mostOpenBodies }, () => answered('x'))
    expect(new Set(await Promise.all(first))).toEqual(new Set(['HTTP/1.1 408 Request Timeout']))
    await expect
      .poll(() => answered('{'.padEnd(length)), { timeout: 50_000 })
      .toBe('HTTP/1.1 400 Bad Request')
  })
})
