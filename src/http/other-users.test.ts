import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Stage } from '../../test/scenarios/stage.ts'
import { expectView } from '../../test/support/contract.ts'
import { openSurface, readerToken } from '../../test/support/surface.ts'
import { planned } from '../../test/support/run.ts'
import { publicStatusView } from './contract/public-status.ts'
import { statusView } from './contract/status.ts'

/** What only those who hold a token may read: one for each kind of text. */
const texts = {
  title: 'Canary of the title',
  question: 'Canary of the question?',
  credential: 'key-0',
  path: '/state',
  reason: 'canary of another program',
}

const problem = {
  text: `${texts.reason}: free some space in /state`,
  publicText: 'free some space in the state directory',
}

let app: FastifyInstance
beforeAll(async () => {
  const stage = await Stage.open({
    plan: [{ ...planned('asks'), title: texts.title }],
    work: async ({ stage: at, worker, task, count }) => {
      if (task !== 'asks' || count > 1) return
      await at.workerApi.brief(at.caller(worker))
      await at.workerApi.reportBlocked(at.caller(worker), texts.question)
    },
  })
  await stage.until(() => stage.dispatcher.state.tasks.countIn('blocked') === 1)
  app = openSurface(stage, { troubles: () => [problem], warnings: () => [problem] }).app
})
afterAll(() => app.close())

const ask = (url: string, headers: Record<string, string> = {}) =>
  app.inject({ url, headers: { host: 'localhost', ...headers } })

describe('another user of this machine, without a token', () => {
  it.each(['/status', '/api/v1/status', '/metrics', '/health', '/readyz'])(
    'reads no text of agents, repositories and settings from %s',
    async (url) => {
      const { body, statusCode } = await ask(url)
      expect(statusCode).toBe(['/health', '/readyz'].includes(url) ? 503 : 200)
      for (const text of Object.values(texts)) expect(body).not.toContain(text)
    },
  )

  it('reads roles, phases, ages and counts', async () => {
    const status: unknown = (await ask('/status')).json()
    expectView(publicStatusView, status)
    const manager = { id: 'manager', role: 'manager', phase: expect.any(String) }
    expect(status).toMatchObject({
      instances: expect.arrayContaining([{ ...manager, since: expect.any(String) }]),
      counts: { tasks: { blocked: 1 }, merges: {} },
      needs: { tasks: 1, credentials: 0 },
      terminals: { socket: 'socket' },
    })
  })

  it('reads what a supervisor needs of the health', async () => {
    expect((await ask('/readyz')).body).toBe('free some space in the state directory\n')
  })
})

describe('a holder of the reader’s token', () => {
  const authorization = `Bearer ${readerToken}`

  it('reads the whole status', async () => {
    const answer = await ask('/status', { authorization })
    expectView(statusView, answer.json())
    const read = (text: string): boolean => answer.body.includes(text)
    expect([texts.title, texts.question, texts.credential].every(read)).toBe(true)
  })

  it('reads the reasons of the health', async () => {
    expect((await ask('/readyz', { authorization })).body).toContain(texts.reason)
  })

  it('is noticed with a mistyped token', async () => {
    expect((await ask('/status', { authorization: 'Bearer reeder' })).statusCode).toBe(401)
    expect((await ask('/status', { authorization: readerToken })).statusCode).toBe(401)
  })
})
