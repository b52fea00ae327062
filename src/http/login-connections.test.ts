import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Stage } from '../../test/scenarios/stage.ts'
import { Browser } from '../../test/support/browser.ts'
import { openSurface, operatorToken } from '../../test/support/surface.ts'

let stage: Stage
let app: FastifyInstance
let url: string
beforeEach(async () => {
  stage = await Stage.open({ plan: [] })
  app = openSurface(stage).app
  url = await app.listen({ host: '127.0.0.1', port: 0 })
})
afterEach(() => app.close())

describe('the stream of events of a browser', () => {
  it('ends with its login, before the next event', async () => {
    const own = { host: new URL(url).host, origin: url }
    const browser = new Browser(app, own)
    await browser.login(operatorToken)
    const headers = { ...own, cookie: browser.cookie }
    const sent = request(`${url}/api/v1/events`, { headers }).end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    let text = ''
    answer.on('data', (piece: Buffer) => (text += piece.toString())).on('error', () => undefined)
    await once(answer, 'data')
    await browser.ask('DELETE', '/api/v1/sessions/current')
    const closed = new Promise((resolve) => answer.once('close', resolve))
    stage.dispatcher.dispatch({ type: 'plan-completed' })
    await closed
    expect(text).toBe('retry: 1000\n\n')
  })
})

describe('a cookie of any size', () => {
  it.each([
    [401, `orchestrator=${'a'.repeat(15_000)}`],
    [401, 'a=b; '.repeat(3_000)],
    [431, `orchestrator=${'a'.repeat(20_000)}`],
  ])('is refused with %i', async (status, cookie) => {
    const answer = await fetch(`${url}/api/v1/sessions/current`, { headers: { cookie } })
    expect(answer.status).toBe(status)
  })
})
