import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Stage } from '../../../test/scenarios/stage.ts'
import { openSurface, operatorToken } from '../../../test/support/surface.ts'

const address = { host: '127.0.0.1', port: 7700, publicUrl: 'https://team.example' }
const authorization = `Bearer ${operatorToken}`

let app: FastifyInstance
beforeEach(async () => {
  app = openSurface(await Stage.open({ plan: [] }), { address: () => address }).app
})
afterEach(() => app.close())

const ask = async (headers: Record<string, string>): Promise<number> => {
  const sent = { host: '127.0.0.1:7700', authorization, ...headers }
  return (await app.inject({ url: '/status', headers: sent })).statusCode
}

describe('a foreign page in the browser of the operator', () => {
  it.each([
    'http://localhost:3000',
    'http://localhost',
    'https://localhost:7700',
    'http://127.0.0.1:77000',
    'http://127.0.0.1:7700.evil.example',
    'http://evil.example:7700',
    'http://evil.example#127.0.0.1:7700',
    'http://127.0.0.1:7700/',
    'http://localhost.:7700',
    'http://team.example',
    'https://team.example:8443',
    'https://evil.team.example',
    'file://',
    'null',
    '',
  ])('reads nothing with the Origin %j', async (origin) => {
    expect(await ask({ origin })).toBe(403)
  })

  it.each([
    'evil.example',
    'evil.example:7700',
    'localhost:3000',
    'localhost',
    'localhost.:7700',
    '127.0.0.1',
    '127.0.0.1:7700@evil.example',
    '127.0.0.1.evil.example:7700',
    '2130706433:7700',
    '0x7f.1:7700',
    '[::ffff:127.0.0.1]:7700',
    'team.example:80',
    '',
  ])('reads nothing after its name was rebound to this server: %j', async (host) => {
    expect(await ask({ host })).toBe(403)
  })

  it.each([
    [
      'an image',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
    ],
    [
      'a script',
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' },
    ],
    [
      'a frame',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    ],
    [
      'a request to another port',
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
    ],
  ])('embeds nothing of this server as %s', async (_, headers) => {
    expect(await ask(headers)).toBe(403)
  })
})

describe('a client of the operator', () => {
  it.each([
    'localhost:7700',
    'LOCALHOST:7700',
    '127.0.0.1:7700',
    '[::1]:7700',
    'team.example',
    'team.example:443',
  ])('reaches the server as %s', async (host) => expect(await ask({ host })).toBe(200))

  it.each([
    'http://localhost:7700',
    'http://127.0.0.1:7700',
    'http://[::1]:7700',
    'https://team.example',
  ])('may be a page of %s', async (origin) =>
    expect(await ask({ origin, 'sec-fetch-site': 'same-origin' })).toBe(200),
  )

  it('may follow a link of another page', async () => {
    const link = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    }
    expect(await ask(link)).toBe(200)
  })
})
