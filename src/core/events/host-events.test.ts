import { describe, expect, it } from 'vitest'
import { InstanceId } from '../model/ids.ts'
import { mostRefused, mostUploads } from '../model/hosts.ts'
import { Run } from '../../../test/support/run.ts'

const instance = InstanceId('worker-1')
const run = () => new Run({ workerCount: 1 })

describe('a host that an instance asks for', () => {
  it('is shown once', () => {
    const { state } = run()
      .when({ type: 'host-refused', instance, host: 'example.com' })
      .when({ type: 'host-refused', instance: InstanceId('worker-2'), host: 'example.com' })
    expect(state.hosts.refused).toMatchObject([{ host: 'example.com', by: instance }])
  })

  it('is no longer shown as refused once a person allows it', () => {
    const { state } = run()
      .when({ type: 'host-refused', instance, host: 'example.com' })
      .when({ type: 'host-refused', instance, host: 'example.org' })
      .when({ type: 'host-allowed', host: 'example.com' })
    expect(state.hosts).toMatchObject({
      allowed: ['example.com'],
      refused: [{ host: 'example.org' }],
    })
  })

  it('is not shown when the report comes after a person allowed it', () => {
    const { state } = run()
      .when({ type: 'host-allowed', host: 'npm.corp:443 in 10.0.0.5' })
      .when({ type: 'host-refused', instance, host: 'npm.corp:443 in 10.0.0.5' })
    expect(state.hosts.refused).toEqual([])
  })

  it('is no longer shown once a person allows every name below another', () => {
    const asking = run()
    const others = [
      'example.com',
      'a.example.com:8443',
      'a.example.com:443 in 10.0.0.5',
      'a.corp.io',
    ]
    for (const host of ['a.example.com', ...others])
      asking.when({ type: 'host-refused', instance, host })
    const { state } = asking
      .when({ type: 'host-allowed', host: '*.example.com' })
      .when({ type: 'host-allowed', host: '*.corp.io in 10.0.0.0/8' })
      .when({ type: 'host-refused', instance, host: 'b.example.com' })
    expect(state.hosts.refused.map(({ host }) => host)).toEqual(others)
  })

  it('is shown again once a person withdraws what allowed it', () => {
    const { state } = run()
      .when({ type: 'host-allowed', host: '*.example.com' })
      .when({ type: 'host-withdrawn', host: '*.example.com' })
      .when({ type: 'host-refused', instance, host: 'a.example.com' })
    expect(state.hosts.refused).toMatchObject([{ host: 'a.example.com' }])
  })

  it('can be allowed before it is asked for, and the permission can be taken back', () => {
    const allowing = run().when({ type: 'host-allowed', host: 'example.com' })
    expect(allowing.state.hosts.allowed).toEqual(['example.com'])
    const { state } = allowing.when({ type: 'host-withdrawn', host: 'example.com' })
    expect(state.hosts.allowed).toEqual([])
  })

  it('is not recorded when an instance asks for any number of names', () => {
    const asking = run()
    for (let n = 0; n < mostRefused + 50; n += 1)
      asking.when({ type: 'host-refused', instance, host: `${n}.example.com` })
    expect(asking.state.hosts.refused).toHaveLength(mostRefused)
    const other = InstanceId('worker-2')
    asking.when({ type: 'host-refused', instance: other, host: 'pypi.org' })
    expect(asking.state.hosts.refused).toHaveLength(mostRefused + 1)
  })

  it('changes nothing when it was reached', () => {
    const before = run()
    const { hosts } = before.state
    const reached = { host: 'example.com:443', sentBytes: 1, receivedBytes: 2, durationMs: 3 }
    const { state } = before.when({ type: 'host-reached', instance, ...reached })
    expect(state.hosts).toBe(hosts)
  })
})

describe('a host that an instance has sent much to', () => {
  const noticed = { type: 'upload-noticed', instance, host: 'pypi.org', sentBytes: 21 } as const
  const accepted = { type: 'upload-accepted', instance, host: 'pypi.org' } as const

  it('is shown once, until a person accepts it, and is not shown again', () => {
    const noticing = run()
      .when(noticed)
      .when({ ...noticed, sentBytes: 50 })
    expect(noticing.state.hosts.uploads).toMatchObject([
      { host: 'pypi.org', by: instance, bytes: 21, isAccepted: false },
    ])
    const { state } = noticing.when(accepted).when(noticed)
    expect(state.hosts.uploads).toMatchObject([{ bytes: 21, isAccepted: true }])
  })

  it('is accepted once, for one instance', () => {
    const accepting = run().when(noticed).when(accepted)
    const { hosts } = accepting.state
    expect(accepting.when(accepted).state.hosts).toBe(hosts)
    expect(accepting.when({ ...accepted, host: 'npm.corp' }).state.hosts).toBe(hosts)
    const other = InstanceId('worker-2')
    expect(accepting.when({ ...accepted, instance: other }).state.hosts).toBe(hosts)
    expect(accepting.when({ ...noticed, instance: other }).state.hosts.uploads).toHaveLength(2)
  })

  it('is not recorded when an instance sends much to any number of hosts', () => {
    const sending = run()
    for (let n = 0; n < mostUploads + 5; n += 1)
      sending.when({ ...noticed, host: `${n}.example.com` })
    expect(sending.state.hosts.uploads).toHaveLength(mostUploads)
    sending.when({ ...accepted, host: '0.example.com' }).when({ ...noticed, host: 'next.example' })
    expect(sending.state.hosts.uploads.at(-1)).toMatchObject({ host: 'next.example' })
  })

  it('is answered when a person withdraws what means it', () => {
    const sending = run()
      .when({ ...noticed, host: 'a.example.com' })
      .when(noticed)
    for (const host of ['*.example.com', 'pypi.org:443 in 10.0.0.0/8'])
      sending.when({ type: 'host-allowed', host })
    sending.when({ type: 'host-withdrawn', host: '*.example.com' })
    expect(sending.state.hosts.uploads).toMatchObject([{ host: 'pypi.org' }])
    sending.when({ type: 'host-withdrawn', host: 'pypi.org:443 in 10.0.0.0/8' })
    expect(sending.state.hosts.uploads).toEqual([])
  })
})
