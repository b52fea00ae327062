import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { CredentialId, workerId } from '../../core/model/ids.ts'
import { credentialRoutes } from './credentials.ts'
import { answerErrors } from '../access/refusal.ts'
import { Stage } from '../../../test/scenarios/stage.ts'

let stage: Stage
let app: FastifyInstance

beforeEach(async () => {
  stage = await Stage.open({ plan: [], policy: { workerCount: 2 } })
  app = fastify()
  answerErrors(app)
  credentialRoutes(app, { dispatcher: stage.dispatcher, curl: () => '' })
})
afterEach(async () => {
  await app.close()
  stage.dispatcher[Symbol.dispose]()
})

const post = async (url: string, body?: object) => {
  const { statusCode, json } = await app.inject({
    method: 'POST',
    url,
    ...(body ? { payload: body } : {}),
  })
  return { statusCode, body: json<{ ok?: true; error?: string }>() }
}
const pool = async () => {
  const answer = await app.inject('/api/v1/credentials')
  return answer.json<{
    credentials: {
      id: string
      phase: string
      reason: string | null
      leases: string[]
      windows: object[]
    }[]
  }>().credentials
}
const one = async (id: string) => (await pool()).find((credential) => credential.id === id)
const reasons = () =>
  stage.store
    .journal(0, 100)
    .map(({ event, ignored }) => `${event.type}${ignored === null ? '' : `: ${ignored}`}`)

describe('the pool over HTTP', () => {
  it('shows every credential with its phase, and no secret', async () => {
    const [resetsAt, credential] = [Date.UTC(2030, 0, 1), CredentialId('key-1')]
    stage.dispatcher.dispatch({
      type: 'window-seen',
      credential,
      window: 'five-hour',
      usedPercent: 12,
      resetsAt,
    })
    expect(await pool()).toHaveLength(3)
    expect(await one('key-1')).toEqual({
      id: 'key-1',
      kind: 'api-key',
      phase: 'leased',
      since: expect.stringMatching(/^\d{4}-.*Z$/),
      until: null,
      reason: null,
      capacity: 1,
      leases: [workerId(1)],
      windows: [
        {
          window: 'five-hour',
          usedPercent: 12,
          resetsAt: '2030-01-01T00:00:00.000Z',
          seenAt: expect.stringMatching(/Z$/),
        },
      ],
      disclosures: [{ instance: workerId(1), at: expect.stringMatching(/Z$/), cause: 'first' }],
      needs: null,
    })
    expect((await app.inject('/api/v1/credentials')).body).not.toContain('secret-')
  })

  it('disables a credential with a reason for the journal, and enables it again', async () => {
    expect(await post('/api/v1/credentials/key-0/disable', { reason: 'rotating it' })).toEqual({
      statusCode: 200,
      body: { ok: true },
    })
    expect(await one('key-0')).toMatchObject({ phase: 'disabled', reason: 'rotating it' })
    expect(stage.store.journal(0, 100).at(-1)?.event).toMatchObject({
      type: 'credential-disabled',
      reason: 'rotating it',
    })
    expect(await post('/api/v1/credentials/key-0/enable')).toMatchObject({ statusCode: 200 })
    expect((await one('key-0'))?.phase).toMatch(/^(?:fresh|leased)$/)
  })

  it('ends the cooldown of a credential', async () => {
    const manager = {
      instance:
        stage.dispatcher.state.credentials.get(CredentialId('key-0'))?.leases[0] ?? workerId(1),
    }
    const modelError = { kind: 'quota', window: 'weekly', until: Date.UTC(2030, 0, 1) } as const
    stage.dispatcher.dispatch({
      type: 'gateway-refused',
      ...stage.caller(manager.instance),
      credential: CredentialId('key-0'),
      modelError,
    })
    expect(await one('key-0')).toMatchObject({
      phase: 'cooling',
      until: '2030-01-01T00:00:00.000Z',
    })
    expect(await post('/api/v1/credentials/key-0/forget-cooldown')).toMatchObject({
      statusCode: 200,
    })
    expect((await one('key-0'))?.phase).toMatch(/^(?:fresh|leased)$/)
  })

  it('moves an instance to a credential with room', async () => {
    stage.dispatcher.dispatch({
      type: 'credentials-changed',
      credentials: ['key-0', 'key-1', 'key-2', 'spare'].map((id) => ({
        id: CredentialId(id),
        kind: 'api-key',
      })),
      changed: [],
    })
    expect(await post('/api/v1/instances/worker-1/move', { credential: 'spare' })).toMatchObject({
      statusCode: 200,
    })
    expect(await one('spare')).toMatchObject({ leases: ['worker-1'] })
    expect(await post('/api/v1/instances/worker-1/move', { credential: null })).toMatchObject({
      statusCode: 200,
    })
    expect(await one('spare')).toMatchObject({ leases: [] })
  })

  it.each([
    ['/api/v1/credentials/unknown/enable', undefined, 'there is no credential unknown'],
    ['/api/v1/credentials/unknown/disable', { reason: 'x' }, 'there is no credential unknown'],
    ['/api/v1/credentials/unknown/forget-cooldown', undefined, 'there is no credential unknown'],
    ['/api/v1/instances/unknown/move', { credential: null }, 'there is no instance unknown'],
    ['/api/v1/instances/worker-1/move', { credential: 'key-0' }, 'no key-0 with room for worker-1'],
  ])('answers %s with why nothing changed, as does the journal', async (url, body, reason) => {
    expect(await post(url, body)).toEqual({ statusCode: 409, body: { error: reason } })
    expect(reasons().at(-1)).toMatch(new RegExp(`: ${reason}$`))
  })

  it.each([
    ['/api/v1/credentials/key-0/disable', {}],
    ['/api/v1/credentials/key-0/disable', { reason: '' }],
    ['/api/v1/credentials/key-0/disable', { reason: 'x', forever: true }],
    ['/api/v1/instances/worker-1/move', {}],
    ['/api/v1/instances/worker-1/move', { credential: 7 }],
  ])('refuses %s with %j and changes nothing', async (url, body) => {
    const { credentials } = stage.dispatcher.state
    expect((await post(url, body)).statusCode).toBe(400)
    expect(stage.dispatcher.state.credentials).toBe(credentials)
  })
})
