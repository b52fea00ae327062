import fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSkippingClock } from '../../../test/fakes/skipping-clock.ts'
import { createFakeStore } from '../../../test/fakes/store.ts'
import { commit, one, planned, Run } from '../../../test/support/run.ts'
import { BackupId } from '../../core/model/ids.ts'
import { Dispatcher } from '../../engine/dispatch/dispatcher.ts'
import { answerErrors } from '../access/refusal.ts'
import { backupRoutes } from './backups.ts'

const id = 'worker-1/a/1'

let dispatcher: Dispatcher
let app: FastifyInstance

/** A worker is at its task. */
beforeEach(() => {
  const { state } = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
  dispatcher = new Dispatcher(createFakeStore(), createSkippingClock(), state, () => undefined)
  app = fastify()
  answerErrors(app)
  backupRoutes(app, { dispatcher, backupRepository: '/state/backups.git' })
})
afterEach(async () => {
  await app.close()
  dispatcher[Symbol.dispose]()
})

const list = async () =>
  (await app.inject('/api/v1/backups')).json<{
    backups: { id: string; phase: string; until: string | null }[]
  }>().backups
const post = async (method: 'POST' | 'DELETE', url: string) => {
  const { statusCode, json } = await app.inject({ method, url })
  return { statusCode, body: json<{ ok?: true; error?: string }>() }
}

describe('saved work over HTTP', () => {
  it('is listed with the command that shows it, is deleted, and is brought back', async () => {
    dispatcher.dispatch({ type: 'instance-lost', instance: one, launch: 1, cause: 'killed' })
    dispatcher.dispatch({ type: 'work-saved', backup: BackupId(id), commit: commit('wip') })
    expect(await list()).toMatchObject([
      {
        id,
        instance: 'worker-1',
        task: 'a',
        phase: 'saved',
        reason: 'killed',
        commit: commit('wip'),
        show: `git -C /state/backups.git log -p refs/backup/${id}`,
      },
    ])
    expect(await post('DELETE', `/api/v1/backups/${id}`)).toEqual({
      statusCode: 200,
      body: { ok: true },
    })
    expect(await list()).toMatchObject([
      { id, phase: 'deleted', until: expect.stringMatching(/Z$/) as string },
    ])
    expect(await post('DELETE', `/api/v1/backups/${id}`)).toEqual({
      statusCode: 409,
      body: { error: `backup ${id} is deleted` },
    })
    expect(await post('POST', `/api/v1/backups/${id}/restore`)).toMatchObject({ statusCode: 200 })
    expect(await list()).toMatchObject([{ id, phase: 'saved', until: null }])
    expect(await post('POST', '/api/v1/backups/worker-9/a/1/restore')).toMatchObject({
      statusCode: 409,
    })
  })
})
