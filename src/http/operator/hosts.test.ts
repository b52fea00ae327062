import { expect, it } from 'vitest'
import { InstanceId } from '../../core/model/ids.ts'
import { openSurface, operatorToken, readerToken, statusOf } from '../../../test/support/surface.ts'
import { Stage } from '../../../test/scenarios/stage.ts'

it('a person accepts what an instance has sent to a host', async () => {
  const stage = await Stage.open({ plan: [] })
  const { app } = openSurface(stage)
  const instance = InstanceId('worker-1')
  const host = 'other hosts'
  const accept = async (token = operatorToken) => {
    const { statusCode } = await app.inject({
      method: 'POST',
      url: `/api/v1/instances/${instance}/accept-upload`,
      headers: { host: 'localhost', authorization: `Bearer ${token}` },
      payload: { host },
    })
    return statusCode
  }
  expect(await accept()).toBe(409)
  stage.dispatcher.dispatch({ type: 'upload-noticed', instance, host, sentBytes: 21 })
  expect(statusOf(stage).hosts.uploads).toMatchObject([{ host, by: instance, bytes: 21 }])
  expect(await accept(readerToken)).toBe(403)
  expect(await accept()).toBe(200)
  expect(statusOf(stage).hosts.uploads).toEqual([])
  expect(await accept()).toBe(409)
  await app.close()
  stage.dispatcher[Symbol.dispose]()
})
