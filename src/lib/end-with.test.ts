import { getEventListeners, once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Uncaught } from '../../test/support/uncaught.ts'
import { endWith } from './end-with.ts'

describe('a request that ends with a signal', () => {
  let server: http.Server
  let agent: http.Agent
  let uncaught: Uncaught

  beforeEach(async () => {
    uncaught = new Uncaught()
    agent = new http.Agent({ keepAlive: true })
    server = http.createServer((request, response) => {
      if (request.url === '/whole') response.end('whole')
      if (request.url === '/begun') response.write('begun')
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
  })

  afterEach(() => {
    uncaught[Symbol.dispose]()
    agent.destroy()
    server.closeAllConnections()
    server.close()
  })

  function ask(path: string, signal: AbortSignal): http.ClientRequest {
    const { port } = server.address() as AddressInfo
    const request = http.get({ host: '127.0.0.1', port, path, agent })
    endWith(request, signal)
    return request
  }

  it('may end at the very end of its answer', async () => {
    const aborting = new AbortController()
    const request = ask('/whole', aborting.signal)
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const ended = once(response, 'close')
    response.on('data', () => aborting.abort())
    await ended
    await setImmediate()
    expect(uncaught.errors).toEqual([])
    expect(Object.keys(agent.freeSockets)).toEqual([])
  })

  it('ends before its answer has begun', async () => {
    const aborting = new AbortController()
    const request = ask('/silent', aborting.signal)
    await once(server, 'request')
    aborting.abort()
    await expect(once(request, 'response')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(uncaught.errors).toEqual([])
  })

  it('ends in the middle of its answer', async () => {
    const aborting = new AbortController()
    const [response] = (await once(ask('/begun', aborting.signal), 'response')) as [IncomingMessage]
    await once(response, 'data')
    aborting.abort()
    await expect(once(response, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(uncaught.errors).toEqual([])
  })

  it('does not begin when the signal has aborted already', async () => {
    await expect(once(ask('/whole', AbortSignal.abort()), 'response')).rejects.toMatchObject({
      code: 'ECONNRESET',
    })
  })

  it('leaves nothing at the signal when it is over', async () => {
    const { signal } = new AbortController()
    const request = ask('/whole', signal)
    request.on('response', (response) => response.resume())
    await once(request, 'close')
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})
