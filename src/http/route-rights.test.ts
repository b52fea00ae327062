import { METHODS } from 'node:http'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFakeVault } from '../../test/fakes/vault.ts'
import { Stage } from '../../test/scenarios/stage.ts'
import { one } from '../../test/support/run.ts'
import {
  openSessions,
  openSurface,
  operatorToken,
  readerToken,
} from '../../test/support/surface.ts'
import { LaunchTokens } from '../engine/commands/launch-tokens.ts'
import { createModelGateway } from '../server/model-gateway.ts'
import type { Role } from './access/tokens.ts'
import { type Route, routes } from './contract/routes.ts'
import { instanceSurface, operatorSurface } from './server.ts'

/** Whom a route is for. `public`: readers, and without a token others on this machine. */
type Audience = Route['role'] | 'public' | 'instance' | 'none'

const contract: readonly Route[] = Object.values(routes)

/** The one rule. Null for a route of which it says nothing. */
function audienceOf(method: string, path: string): Audience | null {
  const asked = method === 'HEAD' ? 'GET' : method
  const route = contract.find((each) => each.method === asked && each.path === path)
  if (route) return route.publicReply === undefined ? route.role : 'public'
  if (path === '/gateway/*') return 'none'
  // Claude Code probes with it whether the gateway is reachable; the answer is empty.
  if (method === 'HEAD' && /^\/gateway\/?$/.test(path)) return 'anyone'
  return /^\/(?:hooks|mcp|tool-runs|otel|gateway)\b/.test(path) ? 'instance' : null
}

/** `in`: the request passes the guards, and the route may still refuse it. `no`: it is refused. */
type Verdict = 'in' | 'no' | 401 | 403

const everyone = { anyone: 'in', none: 'no' } as const

const table: Readonly<Record<string, Readonly<Record<Audience, Verdict>>>> = {
  'without a token': { ...everyone, public: 'in', reader: 401, operator: 401, instance: 401 },
  'without a token from another machine': {
    ...{ ...everyone, public: 401, reader: 401, operator: 401, instance: 401 },
  },
  'without a token through a proxy': {
    ...{ ...everyone, public: 401, reader: 401, operator: 401, instance: 401 },
  },
  'with a made-up token': { ...everyone, public: 401, reader: 401, operator: 401, instance: 401 },
  'with the reader’s token': {
    ...{ ...everyone, public: 'in', reader: 'in', operator: 403, instance: 401 },
  },
  'with the operator’s token': {
    ...{ ...everyone, public: 'in', reader: 'in', operator: 'in', instance: 401 },
  },
  'with an instance’s token': {
    ...{ ...everyone, public: 401, reader: 401, operator: 401, instance: 'in' },
  },
  'with a reader’s cookie': {
    ...{ ...everyone, public: 'in', reader: 'in', operator: 403, instance: 401 },
  },
  'with an operator’s cookie': {
    ...{ ...everyone, public: 'in', reader: 'in', operator: 'in', instance: 401 },
  },
  'with an operator’s cookie, from a page of another port': {
    ...{ anyone: 403, public: 403, reader: 403, operator: 403, instance: 403, none: 403 },
  },
  'with an operator’s cookie next to a made-up token': {
    ...{ ...everyone, public: 401, reader: 401, operator: 401, instance: 401 },
  },
  'with every right, from a page of another port': {
    ...{ anyone: 403, public: 403, reader: 403, operator: 403, instance: 403, none: 403 },
  },
}

const sessions = openSessions()
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const instanceToken = new LaunchTokens('secret').tokenOf(one, 1)
const own = { 'sec-fetch-site': 'same-origin' }
const foreign = { origin: 'http://localhost:3000' }

/** Each with a login of its own, which one of the routes ends. */
const withCookie = (role: Role, headers: Readonly<Record<string, string>>): InjectOptions => ({
  headers: { ...headers, cookie: `orchestrator=${sessions.open(role).value}` },
})

/** How each caller of the table asks; `all` is what it takes on that route. */
const callers: Readonly<Record<string, (audience: Audience) => InjectOptions>> = {
  'without a token': () => ({}),
  'without a token from another machine': () => ({ remoteAddress: '192.0.2.7' }),
  'without a token through a proxy': () => ({ headers: { 'x-forwarded-for': '192.0.2.7' } }),
  'with a made-up token': () => bearer(`${operatorToken}x`),
  'with the reader’s token': () => bearer(readerToken),
  'with the operator’s token': () => bearer(operatorToken),
  'with an instance’s token': () => bearer(instanceToken),
  'with a reader’s cookie': () => withCookie('reader', own),
  'with an operator’s cookie': () => withCookie('operator', own),
  'with an operator’s cookie, from a page of another port': () => withCookie('operator', foreign),
  'with an operator’s cookie next to a made-up token': () =>
    withCookie('operator', { ...own, ...bearer('made-up').headers }),
  'with every right, from a page of another port': (audience) => {
    const { headers } = bearer(audience === 'instance' ? instanceToken : operatorToken)
    return { headers: { ...headers, ...foreign } }
  },
}

describe.each([
  ['the operator’s surface', operatorSurface],
  ['the instances’ surface', instanceSurface],
] as const)('every route of %s', (_, create) => {
  let app: FastifyInstance
  let registered: readonly (readonly [method: string, path: string])[]

  beforeAll(async () => {
    const stage = await Stage.open({ plan: [] })
    await stage.until(() => stage.dispatcher.state.instances.get(one)?.launch === 1)
    const tokens = new LaunchTokens('secret')
    const gateway = createModelGateway(stage.dispatcher, tokens, createFakeVault([]), {
      now: Date.now,
      isAllowed: () => true,
    })
    const opened = openSurface(stage, { gateway, sessions }, create)
    app = opened.app
    await app.ready()
    registered = opened.registered.map((each) => each.split(' ') as [string, string])
  })
  afterAll(() => app.close())

  it('has a rule', () => {
    const unruled = registered.filter(([method, path]) => audienceOf(method, path) === null)
    expect(unruled).toEqual([])
    expect(registered.length).toBeGreaterThan(8)
    // What the walk below sends.
    expect(registered.filter(([method]) => !METHODS.includes(method))).toEqual([])
  })

  it.each(Object.entries(table))('%s answers what the rule says', async (caller, verdicts) => {
    const wrong: string[] = []
    for (const [method, path] of registered) {
      const audience = audienceOf(method, path) ?? 'none'
      const expected = verdicts[audience]
      const { headers, ...how } = callers[caller]?.(audience) ?? {}
      const { statusCode } = await app.inject({
        method: method as 'GET',
        url: path.replaceAll(/:\w+|\*/g, 'x'),
        // The stream of events refuses this with 400, once it lets the caller in.
        headers: { host: 'localhost', 'last-event-id': 'x', ...headers },
        ...how,
      })
      const isIn = ![401, 403].includes(statusCode)
      if (
        !(expected === 'in'
          ? isIn
          : expected === 'no'
            ? statusCode >= 400
            : statusCode === expected)
      )
        wrong.push(`${method} ${path} for ${audience}: ${statusCode}, not ${expected}`)
    }
    expect(wrong).toEqual([])
  })
})

describe('the instances’ surface', () => {
  it('has no route of the operator', async () => {
    const { app, registered } = openSurface(await Stage.open({ plan: [] }), {}, instanceSurface)
    await app.ready()
    const own = new Set(contract.map(({ method, path }) => `${method} ${path}`))
    expect(registered.filter((each) => own.has(each))).toEqual([])
    await app.close()
  })
})
