import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LoginBackOff } from './login-back-off.ts'
import { loopback, peerOf } from './peer.ts'

/** Guesses whenever it may; answers how many guesses that are until `untilMs`. */
function guesses(backOff: LoginBackOff, peers: readonly string[], untilMs: number): number {
  let made = 0
  for (let now = 0; now < untilMs; now += 1_000)
    for (const peer of peers)
      while (backOff.waitMs(peer, now) === 0) {
        backOff.fail(peer, now)
        made += 1
      }
  return made
}

describe('the back-off of logins', () => {
  it('waits 1, 2, 4 … 60 s after the fifth wrong token', () => {
    const backOff = new LoginBackOff()
    const waits: number[] = []
    for (let now = 0, count = 0; count < 13; count += 1) {
      backOff.fail('peer', now)
      waits.push(backOff.waitMs('peer', now))
      now += backOff.waitMs('peer', now)
    }
    const seconds = [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    expect(waits).toEqual(seconds.map((each) => each * 1_000))
  })

  it('begins from the start after a quarter of an hour without a wrong token', () => {
    const backOff = new LoginBackOff()
    for (let count = 0; count < 20; count += 1) backOff.fail('peer', 0)
    expect(backOff.waitMs('peer', 59_999)).toBe(1)
    backOff.fail('peer', 16 * 60_000)
    expect(backOff.waitMs('peer', 16 * 60_000)).toBe(0)
    expect(backOff.size).toBe(1)
  })

  it('never waits longer than a minute, also when the clock is set', () => {
    const attempt = fc.record({ peer: fc.nat(5), now: fc.nat(10 * 60 * 60_000) })
    fc.assert(
      fc.property(fc.array(attempt, { size: 'max', maxLength: 300 }), (attempts) => {
        const backOff = new LoginBackOff()
        for (const { peer, now } of attempts) {
          const waitMs = backOff.waitMs(`${peer}`, now)
          expect(waitMs).toBeGreaterThanOrEqual(0)
          expect(waitMs).toBeLessThanOrEqual(60_000)
          if (waitMs === 0) backOff.fail(`${peer}`, now)
          expect(backOff.waitMs(`${peer}`, now + 60_000)).toBe(0)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('keeps no one waiting for the failures of others', () => {
    const backOff = new LoginBackOff()
    guesses(backOff, ['attacker'], 600_000)
    expect(backOff.waitMs('other', 600_000)).toBe(0)
  })

  it('gives 20,000 addresses neither more memory nor a set of guesses each', () => {
    const backOff = new LoginBackOff()
    const peers = Array.from({ length: 20_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`)
    const made = guesses(backOff, peers, 1_000)
    expect(backOff.size).toBeLessThanOrEqual(4_097)
    expect(made).toBe(4_097 * 5)
    // Who sits at the machine is not kept waiting by them.
    expect(backOff.waitMs(loopback, 999)).toBe(0)
    expect(guesses(backOff, [loopback], 1_000)).toBe(5)
    expect(backOff.size).toBeLessThanOrEqual(4_098)
  })
})

describe('a peer', () => {
  it.each([
    ['127.0.0.1', loopback],
    ['127.9.8.7', loopback],
    ['::1', loopback],
    ['::ffff:127.0.0.1', loopback],
    ['', loopback],
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::2', '0:0:0:0::/64'],
  ])('with the address %j is %s', (address, peer) => expect(peerOf(address)).toBe(peer))

  it('has every address of its /64', () => {
    const part = fc.nat(0xffff).map((each) => each.toString(16))
    const half = fc.tuple(part, part, part, part).map((parts) => parts.join(':'))
    fc.assert(
      fc.property(half, half, half, (network, one, other) => {
        expect(peerOf(`${network}:${one}`)).toBe(peerOf(`${network}:${other}`))
      }),
    )
  })
})
