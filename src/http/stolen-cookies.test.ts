import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeSessionFile } from '../../test/fakes/session-file.ts'
import { Stage } from '../../test/scenarios/stage.ts'
import { Browser } from '../../test/support/browser.ts'
import { one } from '../../test/support/run.ts'
import {
  openSessions,
  openSurface,
  operatorToken,
  readerToken,
  statusOf,
} from '../../test/support/surface.ts'
import { LaunchTokens } from '../engine/commands/launch-tokens.ts'
import { instanceSurface } from './server.ts'

let stage: Stage
let app: FastifyInstance
let victim: Browser
let log: string
const file = createFakeSessionFile()

beforeEach(async () => {
  log = ''
  stage = await Stage.open({ plan: [] })
  const lines = pino({ level: 'trace' }, { write: (line: string) => void (log += line) })
  app = openSurface(stage, { log: lines, sessions: openSessions({ file, log: lines }) }).app
  victim = new Browser(app)
  await victim.login(operatorToken)
})
afterEach(() => app.close())

const change = 'POST /api/v1/hosts/allow'
const body = { payload: { host: 'evil.example' } }
const allowed = () => stage.dispatcher.state.hosts.allowed

describe('a page that makes the operator’s browser send its cookie', () => {
  const site = { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }
  it.each([
    ['of another port', { origin: 'http://localhost:3000', ...site }],
    ['of another port, in an old browser', { origin: 'http://localhost:3000' }],
    ['of another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['in a sandbox', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['of another port, without Origin', { origin: '', ...site }],
    ['by a form, in a browser that sends neither header', { origin: '' }],
    ['by the address bar', { origin: '', 'sec-fetch-site': 'none' }],
    [
      'by a link',
      {
        ...{ origin: '', 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate' },
        'sec-fetch-dest': 'document',
      },
    ],
  ])('%s changes nothing', async (_, headers) => {
    const [method, url] = change.split(' ') as ['POST', string]
    const answer = await victim.ask(method, url, { headers, ...body })
    expect(answer.status).toBe(403)
    expect(answer.body).toMatch(/another origin|needs the header Origin/)
    for (const path of ['/api/v1/sessions', '/api/v1/sessions/current'])
      expect((await victim.ask('DELETE', path, { headers })).status).toBe(403)
    expect(allowed()).toEqual([])
    expect((await victim.current()).status).toBe(200)
  })

  it('changes nothing by a form without headers', async () => {
    const headers = { origin: '' }
    const answer = await victim.ask('POST', '/api/v1/plan/complete', { headers })
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('needs the header Origin')
  })

  it('of another port reads nothing', async () => {
    for (const origin of ['', 'http://localhost:3000'])
      for (const dest of ['empty', 'script', 'image', 'iframe']) {
        const headers = { origin, ...site, 'sec-fetch-dest': dest }
        expect((await victim.ask('GET', '/status', { headers })).status).toBe(403)
      }
  })

  it.each([{ origin: 'http://localhost' }, { origin: '', 'sec-fetch-site': 'same-origin' }])(
    'is let in when it is of this server: %j',
    async (headers) => {
      const [method, url] = change.split(' ') as ['POST', string]
      const answer = await victim.ask(method, url, { headers, ...body })
      expect(answer.status).toBe(200)
      expect(allowed()).toEqual(['evil.example'])
    },
  )
})

describe('a cookie', () => {
  it('cannot be sent again after the logout', async () => {
    const { cookie } = victim
    await victim.ask('DELETE', '/api/v1/sessions/current')
    victim.cookie = cookie
    for (const url of ['/api/v1/sessions/current', '/api/v1/events', '/api/v1/credentials'])
      expect((await victim.ask('GET', url)).status).toBe(401)
    // A browser sends its cookies unasked, so that an old one is as none.
    expect((await victim.ask('GET', '/status')).body).toContain('"counts"')
  })

  it('that a page sets before the login is not that of the login', async () => {
    const attacker = new Browser(app)
    await attacker.login(readerToken)
    for (const fixed of [attacker.cookie, `orchestrator=${'a'.repeat(43)}`]) {
      const browser = new Browser(app)
      browser.cookie = fixed
      await browser.login(operatorToken)
      expect(browser.cookie).not.toBe(fixed)
      attacker.cookie = fixed
      expect((await attacker.current()).status).toBe(401)
    }
  })

  it('that a page sets next to another one ends the use of both', async () => {
    const attacker = new Browser(app)
    await attacker.login(readerToken)
    const { cookie } = victim
    for (const both of [`${cookie}; ${attacker.cookie}`, `${attacker.cookie}; ${cookie}`]) {
      victim.cookie = both
      expect((await victim.current()).status).toBe(401)
    }
  })

  it('does not stand in for a wrong token', async () => {
    const reading = { authorization: `Bearer ${readerToken}` }
    const wrong = ['Bearer wrong', 'Bearer', operatorToken, ' ']
    for (const authorization of wrong)
      expect((await victim.ask('GET', '/status', { headers: { authorization } })).status).toBe(401)
    expect((await victim.ask('POST', '/api/v1/plan/approve', { headers: reading })).status).toBe(
      403,
    )
  })

  it('ends with the token that made it', async () => {
    const sessions = openSessions({ file, operatorToken: 'a-new-token' })
    const { app: restarted } = openSurface(stage, { operatorToken: 'a-new-token', sessions })
    const browser = new Browser(restarted)
    browser.cookie = victim.cookie
    expect((await browser.current()).status).toBe(401)
    await restarted.close()
  })
})

describe('logins', () => {
  it('leave no secret in logs, journal, status, file and later answers', async () => {
    const secret = victim.cookie.replace('orchestrator=', '')
    await new Browser(app).login(`${operatorToken}-mistyped`)
    for (let count = 0; count < 6; count += 1) await new Browser(app).login('wrong-canary')
    const shown = [
      ...[log, file.text, JSON.stringify(stage.store.journal(0, 1_000))],
      ...[JSON.stringify(statusOf(stage)), (await victim.current()).body],
      (await victim.ask('GET', '/status')).body,
    ].join('\n')
    for (const text of [secret, operatorToken, readerToken, 'wrong-canary'])
      expect(shown).not.toContain(text)
    expect(log).toContain('a browser logged in')
    expect(log.match(/logins with wrong tokens/g)).toHaveLength(1)
  })
})

describe('instances', () => {
  const token = new LaunchTokens('secret').tokenOf(one, 1)
  const routes = [
    'POST /hooks/Stop',
    'POST /mcp',
    'GET /mcp',
    'POST /tool-runs/next',
    'POST /otel/v1/logs',
  ]

  it('have no use for a cookie, on either surface', async () => {
    const { app: instances } = openSurface(
      stage,
      { sessions: openSessions({ file }) },
      instanceSurface,
    )
    for (const surface of [app, instances]) {
      const browser = new Browser(surface, surface === instances ? { origin: '' } : {})
      browser.cookie = victim.cookie
      for (const route of routes) {
        const [method, url] = route.split(' ') as ['POST', string]
        expect([route, (await browser.ask(method, url, { payload: {} })).status]).toEqual([
          route,
          401,
        ])
      }
    }
    const outside = new Browser(instances, { origin: '' })
    outside.cookie = victim.cookie
    expect((await outside.login(operatorToken)).status).toBe(404)
    for (const url of ['/api/v1/sessions/current', '/status', '/api/v1/events'])
      expect((await outside.ask('GET', url)).status).toBe(404)
    for (const url of ['/api/v1/sessions/current', '/api/v1/sessions'])
      expect((await outside.ask('DELETE', url)).status).toBe(404)
    await instances.close()
  })

  it('cannot log in with their token', async () => {
    expect((await new Browser(app).login(token)).status).toBe(401)
  })
})
