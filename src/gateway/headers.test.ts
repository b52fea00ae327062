import { describe, expect, it } from 'vitest'
import { answerHeaders, requestHeaders } from './headers.ts'

const secret = {
  header: 'x-api-key',
  value: 'sk-upstream',
  baseUrl: 'https://api.example',
} as const

describe('the headers of a request', () => {
  const sent = (
    headers: Record<string, string>,
    as: { header: 'x-api-key' | 'authorization' } = secret,
  ) =>
    requestHeaders({ headers, token: 'launch-token', secret: { ...secret, ...as }, bodyBytes: 5 })

  it('keep what the API reads', () => {
    const kept = {
      'anthropic-beta': 'a,b',
      'anthropic-version': '2023-06-01',
      'content-type': 'application/json',
      'user-agent': 'cli',
    }
    expect(sent(kept)).toEqual({
      ...kept,
      'accept-encoding': 'identity',
      'x-api-key': 'sk-upstream',
      'content-length': 5,
    })
  })

  it('contain no credential or name of the instance', () => {
    const own = {
      authorization: 'Bearer launch-token',
      'x-api-key': 'launch-token',
      'proxy-authorization': 'x',
      cookie: 'a=b',
      host: 'server',
    }
    const odd = {
      'x-forwarded-for': '10.0.0.1',
      'transfer-encoding': 'chunked',
      'anthropic-note': 'see launch-token',
      'accept-encoding': 'br',
    }
    expect(sent({ ...own, ...odd })).toEqual({
      'accept-encoding': 'identity',
      'x-api-key': 'sk-upstream',
      'content-length': 5,
    })
  })

  it('carry the credential in the form of its kind', () => {
    expect(sent({}, { header: 'authorization' })).toMatchObject({
      authorization: 'Bearer sk-upstream',
    })
  })
})

describe('the headers of an answer', () => {
  it('keep what describes the answer', () => {
    const kept = {
      'content-type': 'text/event-stream',
      'request-id': 'req_1',
      'anthropic-ratelimit-unified-status': 'allowed',
    }
    expect(answerHeaders(kept, secret)).toEqual(kept)
  })

  it('contain nothing of the connection, and the secret nowhere', () => {
    const ofConnection = {
      connection: 'close, X-Odd',
      'x-odd': '1',
      'keep-alive': 'timeout=5',
      'transfer-encoding': 'chunked',
    }
    expect(
      answerHeaders(
        {
          ...ofConnection,
          'set-cookie': ['a=b'],
          'x-echo': 'you sent sk-upstream',
          'x-api-key': 'sk',
        },
        secret,
      ),
    ).toEqual({})
  })
})
