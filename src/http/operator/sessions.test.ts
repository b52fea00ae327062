import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Stage } from '../../../test/scenarios/stage.ts'
import { Browser } from '../../../test/support/browser.ts'
import { openSurface, operatorToken, readerToken } from '../../../test/support/surface.ts'

const day = 24 * 60 * 60_000
const publicUrl = 'https://team.example'

let app: FastifyInstance
let now: number
beforeEach(async () => {
  now = Date.UTC(2030, 0, 1)
  const address = () => ({ host: '127.0.0.1', port: 80, publicUrl })
  app = openSurface(await Stage.open({ plan: [] }), { now: () => now, address }).app
})
afterEach(() => app.close())

describe('a login', () => {
  it.each([
    ['reader', readerToken],
    ['operator', operatorToken],
  ])('exchanges the token of a %s for a cookie with its role', async (role, token) => {
    const browser = new Browser(app)
    const { status, body, set, headers } = await browser.login(token)
    const view = { role, expiresAt: '2030-01-31T00:00:00.000Z' }
    expect([status, JSON.parse(body)]).toEqual([201, view])
    expect(set).toMatch(
      /^orchestrator=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    expect(headers['cache-control']).toBe('no-store')
    expect(JSON.parse((await browser.current()).body)).toEqual(view)
    const approved = await browser.ask('POST', '/api/v1/plan/approve')
    expect(approved.status).toBe(role === 'operator' ? 409 : 403)
    expect((await browser.ask('GET', '/api/v1/credentials')).status).toBe(200)
    expect((await browser.ask('GET', '/status')).body).toContain('"credentials"')
  })

  it('over TLS sets a cookie that is never sent without it', async () => {
    const browser = new Browser(app, { host: 'team.example', origin: publicUrl })
    expect((await browser.login(operatorToken)).set).toMatch(/^__Host-orchestrator=.*; Secure$/)
    expect((await browser.current()).status).toBe(200)
    // Behind a proxy that puts its own name into Host.
    const { cookie } = browser
    const rewritten = await new Browser(app).ask('GET', '/status', { headers: { cookie } })
    expect(rewritten.body).toContain('"credentials"')
  })

  it('takes the token as it is pasted', async () => {
    expect((await new Browser(app).login(` ${readerToken}\n`)).status).toBe(201)
  })

  it('lasts while it is used, and 30 days longer', async () => {
    const browser = new Browser(app)
    await browser.login(readerToken)
    now += 29 * day
    const { set, body } = await browser.current()
    expect(set).toMatch(/^orchestrator=[\w-]{43}; Max-Age=2592000; /)
    expect(body).toContain('2030-03-01')
    expect((await browser.current()).set).toBeUndefined()
    now += 30 * day
    expect((await browser.current()).status).toBe(401)
  })

  it('replaces that of the same browser', async () => {
    const browser = new Browser(app)
    await browser.login(readerToken)
    const former = browser.cookie
    await browser.login(operatorToken)
    expect((await browser.current()).body).toContain('operator')
    browser.cookie = former
    expect((await browser.current()).status).toBe(401)
  })

  it('ends with its cookie, and no other one', async () => {
    const [one, other] = [new Browser(app), new Browser(app)]
    await one.login(operatorToken)
    await other.login(operatorToken)
    const { status, body, set } = await one.ask('DELETE', '/api/v1/sessions/current')
    expect([status, body, one.cookie]).toEqual([204, '', ''])
    expect(set).toMatch(/^orchestrator=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict$/)
    expect((await other.current()).status).toBe(200)
  })

  it('ends with all others when an operator says so, and not when a reader does', async () => {
    const [reader, operator] = [new Browser(app), new Browser(app)]
    await reader.login(readerToken)
    await operator.login(operatorToken)
    const { cookie } = reader
    expect((await reader.ask('DELETE', '/api/v1/sessions')).status).toBe(403)
    const headers = { authorization: `Bearer ${operatorToken}` }
    expect((await new Browser(app).ask('DELETE', '/api/v1/sessions', { headers })).status).toBe(204)
    expect((await operator.current()).status).toBe(401)
    reader.cookie = cookie
    expect((await reader.current()).status).toBe(401)
  })

  it('is found next to a cookie that a page at another port set', async () => {
    const browser = new Browser(app)
    await browser.login(operatorToken)
    browser.cookie = `orchestrator=x; orchestrator=${'x'.repeat(43)}; ${browser.cookie}`
    expect((await browser.current()).status).toBe(200)
  })

  it('does not count next to another one that is open', async () => {
    const [one, other] = [new Browser(app), new Browser(app)]
    await one.login(operatorToken)
    await other.login(readerToken)
    one.cookie = `${one.cookie}; ${other.cookie}`
    expect((await one.current()).status).toBe(401)
  })

  it('works behind a proxy that passes on a password of its own', async () => {
    const browser = new Browser(app)
    await browser.login(readerToken)
    const headers = { authorization: 'Basic dXNlcjpwYXNz' }
    expect((await browser.ask('GET', '/api/v1/sessions/current', { headers })).status).toBe(200)
  })

  it('is nothing that a token has', async () => {
    const headers = { authorization: `Bearer ${readerToken}` }
    const { body } = await new Browser(app).ask('GET', '/api/v1/sessions/current', { headers })
    expect(JSON.parse(body)).toEqual({ role: 'reader', expiresAt: null })
    const ended = await new Browser(app).ask('DELETE', '/api/v1/sessions/current', { headers })
    expect(ended.status).toBe(409)
  })
})

describe('a login with something else', () => {
  it('is refused, whatever its body', async () => {
    const known = fc.constantFrom('token', 'role', operatorToken, readerToken)
    const token = fc.oneof(fc.string(), known, fc.jsonValue())
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .record({ token: token.filter((each) => !isToken(each)) })
        .map((each) => JSON.stringify(each)),
      fc.record({ token, role: known }).map((each) => JSON.stringify(each)),
    )
    const type = fc.constantFrom(
      'application/json',
      'text/plain',
      'application/x-www-form-urlencoded',
    )
    await fc.assert(
      fc.asyncProperty(body, type, async (payload, contentType) => {
        now += day
        const headers = { 'content-type': contentType }
        const answer = await new Browser(app).ask('POST', '/api/v1/sessions', { payload, headers })
        expect([400, 401, 415]).toContain(answer.status)
        expect(answer.set).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })

  it('reads no more than a token needs', async () => {
    expect((await new Browser(app).login('x'.repeat(5_000))).status).toBe(413)
  })
})

const isToken = (value: unknown): boolean =>
  typeof value === 'string' && [operatorToken, readerToken].includes(value.trim())

describe('wrong tokens', () => {
  const fail = async (browser: Browser, times: number): Promise<void> => {
    for (let count = 0; count < times; count += 1)
      expect((await browser.login(`wrong-${count}`)).status).toBe(401)
  }

  it('make others of their address wait, and say for how long', async () => {
    const browser = new Browser(app)
    await fail(browser, 5)
    const { status, headers } = await browser.login('wrong')
    expect([status, headers['retry-after']]).toEqual([429, '1'])
    now += 1_000
    await fail(browser, 1)
    expect((await browser.login('wrong')).headers['retry-after']).toBe('2')
    now += 2_000
    expect((await browser.login('wrong')).status).toBe(401)
  })

  it('do not make those of another address wait', async () => {
    await fail(new Browser(app, {}, '192.0.2.7'), 5)
    expect((await new Browser(app, {}, '192.0.2.7').login('wrong')).status).toBe(429)
    expect((await new Browser(app, {}, '192.0.2.8').login('wrong')).status).toBe(401)
  })

  it('that arrive at once are no more guesses', async () => {
    const browser = new Browser(app)
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, at) => browser.login(`wrong-${at}`)),
    )
    expect(all.filter(({ status }) => status === 401)).toHaveLength(5)
  })

  it('lock no one out who sends a right token, or has a cookie', async () => {
    const known = new Browser(app)
    await known.login(readerToken)
    await fail(new Browser(app), 5)
    const headers = { authorization: `Bearer ${operatorToken}` }
    const browser = new Browser(app)
    expect((await browser.ask('GET', '/status', { headers })).status).toBe(200)
    expect((await known.current()).status).toBe(200)
    expect((await browser.login(operatorToken)).status).toBe(201)
  })
})
