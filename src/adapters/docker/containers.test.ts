import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RunId } from '../../core/model/ids.ts'
import { createContainers } from './containers.ts'
import { findEngine } from './engine.ts'

type Answer = readonly [status: number, body: object]

/** No answer, although the connection is open. */
const silence = null

const remove = 'DELETE /containers/a'
const wait = 'POST /containers/a/wait'
const underWay: Answer = [409, { message: 'removal of container a is already in progress' }]

describe('the removal of a container', () => {
  const asked: string[] = []
  let answers: Readonly<Record<string, Answer | typeof silence>>
  let directory: string
  let server: Server

  beforeEach(async () => {
    asked.length = 0
    directory = await mkdtemp(join(tmpdir(), 'engine-'))
    server = createServer((request, response) => {
      const { pathname, search } = new URL(request.url ?? '', 'http://engine')
      asked.push(`${request.method} ${pathname}${search}`)
      const answer = answers[`${request.method} ${pathname}`]
      if (answer === silence) return
      const [status, body] = answer ?? [404, { message: 'no such container' }]
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    await once(server.listen(join(directory, 'engine.sock')), 'listening')
  })
  afterEach(async () => {
    server.closeAllConnections()
    server.close()
    await rm(directory, { recursive: true })
  })

  const containers = (answerLimitMs = 60_000) => {
    const address = `unix://${join(directory, 'engine.sock')}`
    return createContainers(findEngine({ DOCKER_HOST: address }, { answerLimitMs }), RunId('run'))
  }
  const removal = (answerLimitMs?: number): Promise<void> => containers(answerLimitMs).remove('a')

  it('is no failure for what looks at it later', async () => {
    answers = {}
    expect(await containers().startedAt('a')).toBeNull()
    expect(await containers().engineRuntime('a')).toBeNull()
  })

  it('succeeds when there is none', async () => {
    answers = {}
    await removal()
    expect(asked).toHaveLength(1)
  })

  it.each<[string, Answer]>([
    ['is gone', [200, { StatusCode: 137 }]],
    ['was gone before the question', [404, { message: 'no such container' }]],
  ])('that is under way already is waited for, until the container %s', async (_, answer) => {
    answers = { [remove]: underWay, [wait]: answer }
    await removal()
    expect(asked[1]).toBe(`${wait}?condition=removed`)
  })

  it('that is under way already fails when that one fails', async () => {
    const body = { StatusCode: 0, Error: { Message: 'device or resource busy' } }
    answers = { [remove]: underWay, [wait]: [200, body] }
    await expect(removal()).rejects.toMatchObject({
      message: 'removing the container a failed',
      cause: { message: 'device or resource busy' },
    })
  })

  it('that is under way already and never ends fails as an engine that hangs does', async () => {
    answers = { [remove]: underWay, [wait]: silence }
    await expect(removal(200)).rejects.toThrow('does not answer')
  })

  it('fails on any other conflict, with the words of the engine', async () => {
    const message = 'cannot remove container "a": container is paused and must be unpaused first'
    answers = { [remove]: [409, { message }], [wait]: [200, { StatusCode: 0 }] }
    await expect(removal()).rejects.toMatchObject({
      message: 'removing the container a failed',
      cause: { message: expect.stringContaining(message) },
    })
    expect(asked).toHaveLength(1)
  })
})
