import { describe, expect, it } from 'vitest'
import { manager, one } from '../../../test/support/run.ts'
import { LaunchTokens } from './launch-tokens.ts'

describe('the token of a launch', () => {
  const tokens = new LaunchTokens('a secret of the server')

  it('identifies its launch, also after a restart with the same secret', () => {
    expect(new LaunchTokens('a secret of the server').identify(tokens.tokenOf(one, 3))).toEqual({
      instance: one,
      launch: 3,
    })
  })

  it.each([
    ['of another launch', tokens.tokenOf(one, 3).replace('.3.', '.4.')],
    ['of another instance', tokens.tokenOf(one, 3).replace('worker-1', manager)],
    ['of another server', new LaunchTokens('another secret').tokenOf(one, 3)],
    ['cut short', tokens.tokenOf(one, 3).slice(0, -1)],
    ['empty', ''],
    ['with a launch that is not a number', `${one}.__proto__.x`],
  ])('%s identifies no launch', (_name, token) => {
    expect(tokens.identify(token)).toBeNull()
  })

  it('is known as a secret, of each instance the newest one', () => {
    const issuer = new LaunchTokens('a secret of the server')
    const [older, newer] = [issuer.tokenOf(one, 3), issuer.tokenOf(one, 4)]
    const other = issuer.tokenOf(manager, 1)
    issuer.identify(older)
    expect(issuer.secrets()).toEqual([newer, other])
  })

  it('is known as a secret after a restart, once its instance has used it', () => {
    const issuer = new LaunchTokens('a secret of the server')
    const token = tokens.tokenOf(one, 3)
    issuer.identify(`${manager}.4.forged`)
    expect(issuer.secrets()).toEqual([])
    issuer.identify(token)
    expect(issuer.secrets()).toEqual([token])
  })
})
