import { describe, expect, it } from 'vitest'
import { InstanceId } from '../model/ids.ts'
import { mostRefused } from '../model/hosts.ts'
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
