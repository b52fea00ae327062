import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { Resolve } from '../../src/egress/resolved.ts'
import { startRaw, startUpstream } from './egress-hosts.ts'
import {
  allowing,
  ended,
  type EgressStage,
  openTunnel,
  publicAddress,
  startEgress,
  until,
} from './egress-stage.ts'

/** A stage behind a proxy that passes everything on to a host that echoes. */
async function startBehind(
  resolve: Resolve,
  options: Parameters<typeof startEgress>[1] = {},
): Promise<{ readonly stage: EgressStage; readonly asked: readonly unknown[] }> {
  const host = await startRaw((socket) => socket.pipe(socket))
  const { url, asked } = await startUpstream(host.port)
  const policy = allowing('raw.example:9000', 'other.example:9000')
  const stage = await startEgress(policy, { upstreamProxy: { url }, resolve, ...options })
  return { stage, asked }
}

describe('a name for which this machine has no address in time', () => {
  const limits = { answerMs: 1 }

  it('goes to the proxy until a private address comes: its connections end, none follow', async () => {
    const answer = Promise.withResolvers<readonly string[]>()
    const { stage, asked } = await startBehind(() => answer.promise, { limits })
    const { socket, status } = await openTunnel(stage, 'raw.example:9000')
    expect(status).toBe(200)
    answer.resolve(['10.0.0.7'])
    await ended(socket)
    await until(stage.tunnels, 1)
    expect(stage.tunnels).toMatchObject([{ end: 'stopped' }])
    expect((await openTunnel(stage, 'raw.example:9000')).status).toBe(403)
    expect(stage.refusals).toMatchObject([{ reason: 'private' }])
    expect(asked).toHaveLength(1)
  })

  it('is refused when the private address comes before the answer of the proxy', async () => {
    const answer = Promise.withResolvers<readonly string[]>()
    const { url, asked } = await startUpstream(1, { before: () => answer.resolve(['10.0.0.7']) })
    const stage = await startEgress(allowing('raw.example:9000'), {
      upstreamProxy: { url },
      resolve: () => answer.promise,
      limits,
    })
    expect((await openTunnel(stage, 'raw.example:9000')).status).toBe(403)
    expect(stage.refusals).toMatchObject([{ reason: 'private' }])
    expect(asked).toHaveLength(1)
  })

  it('stays with the proxy when a public address comes', async () => {
    const answer = Promise.withResolvers<readonly string[]>()
    const { stage, asked } = await startBehind(() => answer.promise, { limits })
    const { socket } = await openTunnel(stage, 'raw.example:9000')
    answer.resolve([publicAddress])
    expect((await openTunnel(stage, 'raw.example:9000')).status).toBe(200)
    expect(asked).toHaveLength(2)
    socket.end('still open')
    expect(await text(socket)).toBe('still open')
  })
})

it('a lookup whose turn came after the end of its request says nothing of the name', async () => {
  const first = Promise.withResolvers<readonly string[]>()
  const names: string[] = []
  const resolve: Resolve = async (name, { signal }) => {
    names.push(name)
    if (name === 'other.example') return await first.promise
    signal.throwIfAborted()
    return ['10.0.0.7']
  }
  const limits = { lookups: 1, connectMs: 50 }
  const { stage, asked } = await startBehind(resolve, { limits })
  const other = openTunnel(stage, 'other.example:9000')
  await until(names, 1)
  expect((await openTunnel(stage, 'raw.example:9000')).status).toBe(502)
  first.resolve([])
  await other
  let status = 502
  while (status === 502) ({ status } = await openTunnel(stage, 'raw.example:9000'))
  expect(status).toBe(403)
  expect(asked).toEqual([])
})
