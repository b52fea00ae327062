import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const mcp = join(import.meta.dirname, '../../docker/tools/mcp')
/** In /proc/net/tcp: the state `established`, and the timer of a keep-alive probe. */
const [established, keepAlive] = ['01', '02']

/** Seconds until the next keep-alive probe on the connections to this port. */
function probesTo(port: number): readonly number[] {
  const peer = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote, state]) => remote === peer && state === established)
    .flatMap(([, , , , , timer = '']) => {
      const [kind, when = ''] = timer.split(':')
      return kind === keepAlive ? [Number.parseInt(when, 16) / 100] : []
    })
}

describe('a tool call whose answer takes long', () => {
  it('probes its connection every 5 s: a network cut may have broken it', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const env = {
      PATH: process.env.PATH,
      ORCHESTRATOR_URL: `http://127.0.0.1:${port}`,
      ORCHESTRATOR_TOKEN: 'token',
    }
    const carrier = spawn('sh', [mcp], { env, stdio: ['pipe', 'ignore', 'ignore'] })
    carrier.stdin.write('{"jsonrpc":"2.0","id":1,"method":"tools/call"}\n')
    await once(server, 'request')
    const probes = probesTo(port)
    carrier.stdin.end()
    carrier.kill('SIGKILL')
    server.closeAllConnections()
    server.close()
    expect(probes).toHaveLength(1)
    expect(probes[0]).toBeLessThanOrEqual(5)
  })
})
