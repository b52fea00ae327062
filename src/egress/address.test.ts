import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { classOf } from './address.ts'

const nothing = new BlockList()

describe('an address', () => {
  it.each(['93.184.216.34', '1.1.1.1', '172.32.0.1', '100.128.0.1', '198.20.0.1', '223.255.255.1'])(
    '%s is public',
    (address) => expect(classOf(address, nothing)).toBe('public'),
  )

  it.each(['2606:4700::1111', '2001:4860:4860::8888', '2a00::1', '3ffe::1'])(
    '%s is public',
    (address) => expect(classOf(address, nothing)).toBe('public'),
  )

  it.each([
    ...['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '127.0.0.1', '127.255.0.1'],
    ...['100.64.0.1', '100.127.255.255', '192.0.0.1', '198.18.0.1', '198.19.255.255'],
    ...['::1', 'fc00::1', 'fdff::1'],
  ])('%s is private', (address) => expect(classOf(address, nothing)).toBe('private'))

  it.each([
    // unspecified, link-local, metadata
    ...['0.0.0.0', '0.1.2.3', '169.254.169.254', '169.254.0.1', '168.63.129.16'],
    ...['100.100.100.200', '192.0.0.192', 'fd00:ec2::254', 'fd20:ce::254'],
    // multicast, reserved, broadcast, documentation, 6to4 relays
    ...['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', '192.88.99.1'],
    ...['192.0.2.1', '198.51.100.1', '203.0.113.1'],
    ...['::', 'fe80::1', 'fe80::1%lo', 'fec0::1', 'ff02::1', '100::1', '5f00::1', '2001:db8::1'],
    // addresses that carry an IPv4 address: mapped, compatible, NAT64, 6to4, Teredo
    ...['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', '64:ff9b::7f00:1'],
    ...['64:ff9b:1::a00:1', '2002:7f00:1::', '2001::1', '3fff::1', '4000::1'],
    // no address at all
    ...['', 'localhost', '127.1', '0x7f.0.0.1', '010.0.0.1', '1.2.3'],
  ])('%j is never reached', (address) => expect(classOf(address, nothing)).toBe('never'))

  it('of a network at this machine is private, although it is public elsewhere', () => {
    const near = new BlockList()
    near.addSubnet('2a02:1234:5678:9::', 64, 'ipv6')
    near.addSubnet('88.99.1.0', 24, 'ipv4')
    expect(classOf('2a02:1234:5678:9:1:2:3:4', near)).toBe('private')
    expect(classOf('2a02:1234:5678:a::1', near)).toBe('public')
    expect(classOf('88.99.1.77', near)).toBe('private')
  })

  it('of this machine itself is not public', () => {
    const own = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
    expect(own.map(({ address }) => classOf(address))).not.toContain('public')
  })
})
