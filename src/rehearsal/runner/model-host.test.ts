import { describe, expect, it } from 'vitest'
import { firstAddress } from './model-host.ts'

describe('the first address of a network', () => {
  it.each([
    ['172.17.0.0/16', '172.17.0.1'],
    ['10.0.4.128/25', '10.0.4.129'],
  ])('of %s is %s', (subnet, address) => {
    expect(firstAddress(subnet)).toBe(address)
  })
})
