import { describe, expect, it } from 'vitest'
import { nameOf, poolOf, renewedSecret } from './credentials.ts'

describe('the credentials of a rehearsal', () => {
  it.each([
    ['auth-token', 'ANTHROPIC_AUTH_TOKEN'],
    ['api-key', 'ANTHROPIC_API_KEY'],
    ['oauth-token', 'CLAUDE_CODE_OAUTH_TOKEN'],
  ] as const)('as %s are known again by what a request brings', (shape, variable) => {
    const pool = poolOf(12, shape, 'http://model')
    expect(pool.map(({ secret }) => nameOf(secret))).toEqual(pool.map(({ id }) => id))
    expect(JSON.parse(pool[0]?.text ?? '')).toEqual({
      env: { [variable]: pool[0]?.secret, ANTHROPIC_BASE_URL: 'http://model' },
    })
    expect(new Set(pool.map(({ secret }) => secret.slice(-20))).size).toBe(12)
  })

  it('keep their name when their secret is renewed, again and again', () => {
    for (const { id, secret } of poolOf(2, 'oauth-token', 'http://model')) {
      const renewed = renewedSecret(renewedSecret(secret, 17), 18)
      expect(renewed).toBe(`${secret}-r18`)
      expect(nameOf(renewed)).toBe(id)
    }
  })

  it('are distinguished from others', () => {
    expect(nameOf('rehearsal-1-and-more')).toBeNull()
    expect(nameOf('')).toBeNull()
  })
})
