import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { startRaw } from './egress-hosts.ts'
import {
  allowing,
  ended,
  exchange,
  openTunnel,
  publicAddress,
  startEgress,
  until,
} from './egress-stage.ts'

const name = 'db.corp.example'

/** `db.corp.example` leads to the addresses; a service of the operator listens on 10.0.0.7. */
async function startPrivate(policy: ReturnType<typeof allowing>, addresses: readonly string[]) {
  const host = await startRaw((socket) => socket.write('private service'))
  const stage = await startEgress(policy)
  stage.names.set(name, [addresses])
  stage.hosts.set('10.0.0.7:5432', host.port)
  return stage
}

describe('a name with a port in the list', () => {
  it('does not choose a service of this machine or its networks', async () => {
    const stage = await startPrivate(allowing(`${name}:5432`), ['10.0.0.7'])
    const answer = await exchange(stage, `CONNECT ${name}:5432 HTTP/1.1\r\nHost: a\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 403 .*leads to a private address/s)
    // The instance is not shown which one.
    expect(answer).not.toContain('10.0.0.7')
    expect(stage.connected).toEqual([])
    expect(stage.refusals).toMatchObject([
      { reason: 'private', remedy: `${name}:5432 in 10.0.0.7` },
    ])
  })

  it('leads there once its remedy is in the list, and nowhere else', async () => {
    const stage = await startPrivate(allowing(`${name}:5432`), ['10.0.0.7'])
    await openTunnel(stage, `${name}:5432`)
    stage.policy = allowing(`${name}:5432`, stage.refusals[0]?.remedy ?? '')
    const { socket, status } = await openTunnel(stage, `${name}:5432`)
    expect(status).toBe(200)
    socket.end()
    expect(await text(socket)).toBe('private service')
    stage.names.set(name, [['10.0.0.8']])
    expect((await openTunnel(stage, `${name}:5432`)).status).toBe(403)
    expect((await openTunnel(stage, `${name}:443`)).status).toBe(403)
    expect(stage.connected).toMatchObject([{ address: '10.0.0.7' }])
  })

  it('takes of its addresses those that the list means', async () => {
    const addresses = ['fd00::7', publicAddress, '10.0.0.7']
    const stage = await startPrivate(allowing(`${name}:5432 in 10.0.0.0/8`), addresses)
    expect((await openTunnel(stage, `${name}:5432`)).status).toBe(200)
    expect(stage.connected).toMatchObject([{ address: '10.0.0.7' }])
  })

  it('leads to no public address when the list names a network', async () => {
    const stage = await startPrivate(allowing(`${name}:5432 in 10.0.0.0/8`), [publicAddress])
    expect((await openTunnel(stage, `${name}:5432`)).status).toBe(403)
    expect(stage.refusals).toMatchObject([{ reason: 'elsewhere', remedy: `${name}:5432` }])
  })

  it('loses an open tunnel with the entry that names its network', async () => {
    const stage = await startPrivate(allowing(`${name}:5432`, `${name}:5432 in 10.0.0.7`), [
      '10.0.0.7',
    ])
    const { socket } = await openTunnel(stage, `${name}:5432`)
    stage.policy = allowing(`${name}:5432`)
    stage.proxy.policyChanged()
    await ended(socket)
    await until(stage.tunnels, 1)
    expect(stage.tunnels).toMatchObject([{ end: 'stopped' }])
  })

  it.each([
    [`${name}:80`, ['169.254.169.254']],
    [`${name}:80 in 10.0.0.0/8`, ['169.254.169.254']],
    [`${name}:80 in 10.0.0.0/8`, ['10.0.0.7', '169.254.169.254']],
    [`${name}:80 in fd00::/8`, ['fd00:ec2::254']],
  ])('never opens metadata: %s', async (entry, addresses) => {
    const stage = await startPrivate(allowing(entry), addresses)
    await exchange(stage, `GET http://${name}/ HTTP/1.1\r\nHost: ${name}\r\n\r\n`)
    expect(stage.refusals).toMatchObject([{ reason: 'not-public', remedy: null }])
    expect(stage.connected).toEqual([])
  })
})

describe('an address in the list', () => {
  it('is reached by itself, and opens no other', async () => {
    const stage = await startPrivate(allowing('10.0.0.7:5432'), ['10.0.0.7'])
    expect((await openTunnel(stage, '10.0.0.7:5432')).status).toBe(200)
    expect((await openTunnel(stage, '10.0.0.8:5432')).status).toBe(403)
    expect((await openTunnel(stage, `${name}:5432`)).status).toBe(403)
  })
})
