import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

const headers = { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }

/** Answers in one plain sentence, and ends the connection: what is left of a body is not read. */
export function answer(response: ServerResponse, status: number, sentence: string): void {
  if (response.destroyed || response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(status, headers)
  response.end(`${sentence}\n`)
}

/** The same for a CONNECT request, which has no response object. */
export function answerRaw(socket: Duplex, status: number, sentence: string): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const body = Buffer.from(`${sentence}\n`)
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries({ ...headers, 'content-length': body.length }).map(
      ([name, value]) => `${name}: ${value}`,
    ),
  ]
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]), () =>
    socket.destroy(),
  )
}

export const established = 'HTTP/1.1 200 Connection established\r\n\r\n'
