import { describe, expect, it } from 'vitest'
import { nameOf, poolOf } from './credentials.ts'

describe('the credentials of a rehearsal', () => {
  it.each([
    ['auth-token', 'ANTHROPIC_AUTH_TOKEN'],
    ['api-key', 'ANTHROPIC_API_KEY'],
    ['oauth-token', 'CLAUDE_CODE_OAUTH_TOKEN'],
  ] as const)('as %s are known again by what a request brings', (shape, variable) => {
    const pool = poolOf(12, shape, 'http://model')
    expect(pool.map(({ secret }) => nameOf(secret))).toEqual(pool.map(({ id }) => id))
    expect(JSON.parse(pool[0]?.text ?? '')).toEqual({ env: { [variable]: pool[0]?.secret, ANTHROPIC_BASE_URL: 'http://model' } })
    expect(new Set(pool.map(({ secret }) => secret.slice(-20))).size).toBe(12)
  })

  it('are told from others', () => {
    expect(nameOf('rehearsal-1-and-more')).toBeNull()
    expect(nameOf('')).toBeNull()
  })
})
