import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InstanceId } from '../../src/core/model/ids.ts'
import { type EgressLimits, egressLimits } from '../../src/egress/limits.ts'
import { startRaw, startUpstream, temporary } from './egress-hosts.ts'
import { type EgressStage, openTunnel, proxied, startEgress, until } from './egress-stage.ts'

/**
 * Two instances behind a proxy that answers at once, and lookups that end when the test says so.
 */
async function startSlow(limits: Partial<EgressLimits>) {
  const { port } = await startRaw()
  const { url, asked } = await startUpstream(port)
  const lookups: { readonly name: string; readonly end: () => void }[] = []
  const stage = await startEgress(proxied(), {
    upstreamProxy: { url },
    limits: { answerMs: 1, turnMs: 50, ...limits },
    resolve(name) {
      const { promise, resolve } = Promise.withResolvers<readonly string[]>()
      lookups.push({ name, end: () => resolve([]) })
      return promise
    },
  })
  const other = stage.proxy.listenerFor(InstanceId('worker-2'))
  const socketPath = join(temporary(), 'other.sock')
  await once(other.server.listen(socketPath), 'listening')
  return { stage, other: { ...stage, socketPath }, lookups, asked }
}

const statusOf = async (stage: EgressStage, name: string): Promise<number> =>
  (await openTunnel(stage, `${name}.example:443`)).status

describe('lookups', () => {
  it('keep their turns until they have ended, although the proxy was asked long before', async () => {
    const { stage, lookups } = await startSlow({ lookups: 2 })
    expect(await statusOf(stage, 'a')).toBe(200)
    expect(await statusOf(stage, 'b')).toBe(200)
    expect(await statusOf(stage, 'c')).toBe(503)
    expect(lookups).toHaveLength(2)
    lookups[0]?.end()
    expect(await statusOf(stage, 'c')).toBe(200)
    expect(stage.refusals).toMatchObject([{ reason: 'too-many' }])
  })

  it('of all instances are bounded together, and one instance leaves some to others', async () => {
    const { stage, other, lookups } = await startSlow({ lookups: 2, allLookups: 3 })
    expect(await statusOf(stage, 'a')).toBe(200)
    expect(await statusOf(stage, 'b')).toBe(200)
    expect(await statusOf(stage, 'c')).toBe(503)
    expect(await statusOf(other, 'd')).toBe(200)
    expect(await statusOf(other, 'e')).toBe(503)
    expect(lookups.map(({ name }) => name[0])).toEqual(['a', 'b', 'd'])
    lookups[0]?.end()
    expect(await statusOf(other, 'e')).toBe(200)
  })

  it('leave a request that waited for its turn the time to ask the proxy', () => {
    const { lookUpMs, answerMs, connectMs } = egressLimits
    expect(lookUpMs + answerMs).toBeLessThan(connectMs)
  })

  it('of a name that is remembered as slow need no turn', async () => {
    const { stage, asked } = await startSlow({ lookups: 1 })
    expect(await statusOf(stage, 'a')).toBe(200)
    expect(await statusOf(stage, 'a')).toBe(200)
    await until(asked, 2)
  })
})
