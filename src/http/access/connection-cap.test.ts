import fastify, { type FastifyInstance } from 'fastify'
import { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { capConnections } from './connection-cap.ts'

describe('the connections of a surface', () => {
  let app: FastifyInstance
  beforeEach(() => {
    app = fastify()
    capConnections(app, { total: 10, perPeer: 4 })
  })
  afterEach(() => app.close())

  /** Whether a connection from there stays open. */
  const connects = (remoteAddress: string): boolean => {
    const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress })
    app.server.emit('connection', socket)
    return !socket.destroyed
  }
  const opened = (addresses: readonly string[]): number => addresses.filter(connects).length
  const many = Array.from({ length: 20 }, (_, index) => index)

  it('are few of one network of IPv6, whatever its addresses', () => {
    expect(opened(many.map((index) => `2001:db8::${index.toString(16)}`))).toBe(4)
    expect(connects('2001:db8:0:1::1')).toBe(true)
  })

  it('leave room for this machine', () => {
    expect(opened(many.map((index) => `203.0.113.${index}`))).toBe(6)
    expect(opened(many.map(() => '127.0.0.1'))).toBe(4)
  })
})
