import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { EngineProxy } from './engine-proxy.ts'

const pieces = Array.from({ length: 2_000 }, (_, index) => `${index}\n`)

/** An engine that answers every connection with the pieces, each in a write of its own. */
async function startEngine(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'engine-proxy-'))
  const socket = join(directory, 'engine.sock')
  const server = createServer((client) => void answer(client)).listen(socket)
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
    await rm(directory, { recursive: true, force: true })
  })
  vi.stubEnv('DOCKER_HOST', `unix://${socket}`)
  onTestFinished(() => void vi.unstubAllEnvs())
  return join(directory, 'proxy.sock')
}

async function answer(client: Socket): Promise<void> {
  for (const piece of pieces) {
    client.write(piece)
    await turn()
  }
  client.end()
}

/** Timers fire late while a process is busy. */
function beBusy(): void {
  const end = Date.now() + 3
  while (Date.now() < end);
}

describe('a proxy to the engine', () => {
  it.for([0, 2])('hands an answer on in its order, each piece %i ms late', async (delayMs) => {
    const path = await startEngine()
    await using proxy = new EngineProxy(path)
    proxy.delayMs = delayMs
    await proxy.mend()
    const busy = setInterval(beBusy, 5)
    onTestFinished(() => clearInterval(busy))
    expect(await text(connect(path))).toBe(pieces.join(''))
  })

  it('answers a client that has said all it has to say', async () => {
    const path = await startEngine()
    await using proxy = new EngineProxy(path)
    await proxy.mend()
    const client = connect(path)
    client.end('a question')
    expect(await text(client)).toBe(pieces.join(''))
  })

  it('closes the connection when there is no engine', async () => {
    const path = await startEngine()
    vi.stubEnv('DOCKER_HOST', `unix://${path}.none`)
    await using proxy = new EngineProxy(path)
    await proxy.mend()
    expect(await text(connect(path))).toBe('')
  })

  it('hands nothing on while it holds', async () => {
    const path = await startEngine()
    await using proxy = new EngineProxy(path)
    await proxy.mend()
    const release = proxy.hold()
    const client = connect(path)
    const arrived = vi.fn()
    const printed = text(client.on('data', arrived))
    await once(connect(path), 'connect')
    for (let round = 0; round < 100; round += 1) await turn()
    expect(arrived).not.toHaveBeenCalled()
    release()
    expect(await printed).toBe(pieces.join(''))
  })
})
