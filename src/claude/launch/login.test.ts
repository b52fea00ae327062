import { describe, expect, it } from 'vitest'
import { readLogin, renewed } from './login.ts'

const now = Date.UTC(2030, 0, 1)
const hour = 3_600_000

const oauth = (changes: object = {}) => ({
  accessToken: 'access-1',
  refreshToken: 'refresh-1',
  expiresAt: now + hour,
  scopes: ['user:inference'],
  subscriptionType: 'max',
  ...changes,
})
const fileOf = (changes: object = {}): string =>
  JSON.stringify({ claudeAiOauth: oauth(changes), mcpOAuth: { a: 1 } })

function known() {
  const login = readLogin(fileOf())
  if (login === null) throw new Error('the known login is not one')
  return login
}
const renewal = { accessToken: 'access-2', refreshToken: 'refresh-2', expiresAt: now + 2 * hour }

describe('a renewed login', () => {
  it('has the new tokens and their times', () => {
    expect(
      renewed(known(), fileOf({ ...renewal, refreshTokenExpiresAt: now + 9 * hour }), now),
    ).toMatchObject({
      login: {
        ...renewal,
        text: expect.stringContaining(`"refreshTokenExpiresAt":${now + 9 * hour}`),
      },
    })
  })

  it('leaves the rest of the file unchanged, even if the instance changed it', () => {
    const hostile = JSON.stringify({
      claudeAiOauth: oauth({
        ...renewal,
        scopes: ['user:inference', 'org:admin'],
        subscriptionType: null,
        x: 'y',
      }),
      env: { A: 'b' },
    })
    const outcome = renewed(known(), hostile, now)
    expect('login' in outcome && JSON.parse(outcome.login.text)).toEqual({
      claudeAiOauth: oauth(renewal),
      mcpOAuth: { a: 1 },
    })
  })

  it.each([
    ['incomplete', fileOf(renewal).slice(0, -9), 'is not a login'],
    ['empty', '', 'is not a login'],
    ['a key', JSON.stringify({ env: { ANTHROPIC_API_KEY: 'k' } }), 'is not a login'],
    ['without a refresh token', fileOf({ ...renewal, refreshToken: null }), 'is not a login'],
    [
      'without the right to use the model',
      fileOf({ ...renewal, scopes: ['user:profile'] }),
      'is not a login',
    ],
    ['with a token of two lines', fileOf({ ...renewal, accessToken: 'a\nb' }), 'is not a login'],
    [
      'with a token that is too long',
      fileOf({ ...renewal, refreshToken: 'r'.repeat(4097) }),
      'is not a login',
    ],
    ['with an expiry that is no time', fileOf({ ...renewal, expiresAt: 'soon' }), 'is not a login'],
    ['without an expiry', fileOf({ ...renewal, expiresAt: null }), 'has expired already'],
    ['expired', fileOf({ ...renewal, expiresAt: now }), 'has expired already'],
    [
      'good for ever',
      fileOf({ ...renewal, expiresAt: Number.MAX_SAFE_INTEGER }),
      'more than a year',
    ],
    ['older than what is known', fileOf({ ...renewal, expiresAt: now + hour / 2 }), 'is older'],
  ])('is refused if it is %s', (_, text, words) => {
    expect(renewed(known(), text, now)).toEqual({ objection: expect.stringContaining(words) })
  })
})

describe('a login', () => {
  it('may have expired long ago: its refresh token has not', () => {
    expect(readLogin(fileOf({ expiresAt: 1 }))).toMatchObject({ expiresAt: 1 })
    expect(readLogin(fileOf({ expiresAt: null }))).toMatchObject({ expiresAt: 0 })
  })
})
