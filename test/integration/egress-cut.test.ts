import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { connectDirectly, connectThrough } from '../../src/egress/connect.ts'
import { gatewayLimits } from '../../src/gateway/limits.ts'
import { createTransport } from '../../src/gateway/transport.ts'
import { workerImage } from '../support/runtime-stage.ts'

const hasEngine = spawnSync('docker', ['version']).status === 0
const execute = promisify(execFile)
const docker = async (...argv: readonly string[]): Promise<string> =>
  (await execute('docker', [...argv])).stdout.trim()
/** Only ends a hang. */
const patience = { timeout: 100_000, interval: 50 }

/** Answers every connection as an HTTP proxy does, and is silent after that. */
const hostProgram = `require('node:net')
  .createServer((socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\\r\\n\\r\\n')))
  .listen(8080, () => console.log('listening'))`

describe.skipIf(!hasEngine && process.env.CI === undefined)('a network cut', () => {
  const name = `egress-cut-${process.pid}`
  let address = ''

  beforeAll(async () => {
    await docker('network', 'create', name)
    const program = ['--entrypoint', 'node', workerImage, '-e', hostProgram]
    await docker('run', '--detach', '--init', '--name', name, '--network', name, ...program)
    await vi.waitUntil(async () => (await docker('logs', name)) === 'listening', patience)
    const format = `{{(index .NetworkSettings.Networks "${name}").IPAddress}}`
    address = await docker('inspect', '--format', format, name)
  })

  afterAll(async () => {
    await docker('rm', '--force', '--volumes', name)
    await docker('network', 'rm', name)
  })

  // No packet says that the other side is gone, and nothing is left to send.
  it('ends the connections that wait for an answer', async () => {
    const target = {
      host: address,
      port: 8080,
      isAddress: true,
      addresses: [address],
      isPrivate: true,
    }
    const { signal } = new AbortController()
    const direct = await connectDirectly(target, signal)
    direct.write('GET / HTTP/1.1\r\n\r\n')
    await once(direct, 'data')
    const url = new URL(`http://${address}:8080`)
    const tunnel = await connectThrough(url)(target, signal)
    using transport = createTransport(gatewayLimits)
    const answer = await transport.send({ method: 'GET', url, headers: {}, body: null }, signal)

    const waiting = [direct, tunnel, answer]
    for (const stream of waiting) stream.on('error', () => undefined).resume()
    await docker('network', 'disconnect', '--force', name, name)
    await vi.waitFor(
      () => expect(waiting.map(({ destroyed }) => destroyed)).toEqual([true, true, true]),
      patience,
    )
  })
})
