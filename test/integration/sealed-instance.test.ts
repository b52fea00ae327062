import { execFile, spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { promisify } from 'node:util'
import fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { LaunchTokens } from '../../src/engine/commands/launch-tokens.ts'
import { requireOwnSocket } from '../../src/http/access/socket-launch.ts'
import { createLaunchSockets } from '../../src/http/instance/launch-sockets.ts'
import { noProxy } from '../support/no-proxy.ts'
import {
  anOrder,
  containerOf,
  dockerSubject,
  openRuntimeStage,
  type RuntimeStage,
  type Subject,
  worker1,
  worker2,
} from '../support/runtime-stage.ts'

const hasEngine = spawnSync('docker', ['version']).status === 0
const execute = promisify(execFile)
const tokens = new LaunchTokens('secret')

describe.skipIf(!hasEngine && process.env.CI === undefined)('a sealed instance', () => {
  let stage: RuntimeStage
  let subject: Subject
  const app = fastify()
  const hooks: { readonly event: string; readonly authorization: string }[] = []
  const sockets = createLaunchSockets({
    surfaces: Promise.resolve({ instances: app, checks: app }),
    proxyFor: () => noProxy(),
    arrivalLimitMs: 30_000,
  })

  /** What a shell in the container says, with its errors, whatever its exit code. */
  const inside = async (command: string): Promise<string> => {
    const script = `. /usr/local/lib/orchestrator/environment.sh; { ${command}; } 2>&1 || true`
    const argv = ['exec', containerOf(stage, worker1), 'sh', '-c', script]
    return (await execute('docker', argv)).stdout.trim()
  }

  beforeAll(async () => {
    requireOwnSocket(app, tokens)
    app.post<{ Params: { event: string } }>('/hooks/:event', ({ params, headers }) => {
      hooks.push({ event: params.event, authorization: headers.authorization ?? '' })
      return {}
    })
    stage = await openRuntimeStage()
    subject = dockerSubject(stage, { serverUrl: () => 'http://127.0.0.1:7700', sockets })
    await subject.runtime.ensureUsable()
    const token = tokens.tokenOf(worker1, 1)
    await subject.runtime.instances.ensureRunning(anOrder({ token }))
  })
  afterAll(async () => {
    await subject.close()
    await sockets[Symbol.asyncDispose]()
    await app.close()
  })

  it('has no network interface but loopback', async () => {
    expect(await inside('tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " "')).toBe('lo')
    expect(await inside('cat /proc/net/route | tail -n +2')).toBe('')
  })

  it('delivers its hooks, and any request that its agent makes with the token', async () => {
    await vi.waitFor(() => expect(hooks.map(({ event }) => event)).toContain('SessionStart'), {
      timeout: 60_000,
      interval: 50,
    })
    const post = 'curl -sS -o /dev/null -w "%{http_code}" -X POST "$ORCHESTRATOR_URL/hooks/Stop" -H'
    expect(await inside(`${post} "Authorization: Bearer $ORCHESTRATOR_TOKEN"`)).toBe('200')
    const stolen = tokens.tokenOf(worker2, 1)
    expect(await inside(`${post} "Authorization: Bearer ${stolen}"`)).toBe('403')
  })

  it('reaches neither this machine nor its network nor a name', async () => {
    const server = createServer((_, answer) => answer.end('reached'))
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
    const { port } = server.address() as AddressInfo
    const addresses = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ family }) => family === 'IPv4')
      .map(({ address }) => `${address}:${port}`)
    try {
      expect(addresses.length).toBeGreaterThan(1)
      for (const host of [...addresses, '169.254.169.254', '192.0.2.1', 'example.com'])
        expect(await inside(`curl -sS --max-time 5 --noproxy '*' http://${host}`), host).toMatch(
          /^curl: \((?:6|7)\)/,
        )
    } finally {
      server.close()
    }
  })

  it('cannot change the sockets or their directory', async () => {
    const directory = '/run/orchestrator'
    for (const attempt of [
      `rm ${directory}/server.sock`,
      `mv ${directory}/server.sock ${directory}/other`,
      `touch ${directory}/file`,
      `chmod 700 ${directory}/server.sock`,
    ])
      expect(await inside(attempt)).toMatch(/Read-only file system/)
  })

  it('gets its loopback ports back after it has ended what carries them', async () => {
    expect(await inside("pkill -9 -f '[c]arrier/main' && echo ended")).toBe('ended')
    await vi.waitFor(
      async () =>
        expect(
          await inside(
            'curl -sS -o /dev/null -w "%{http_code}" -X POST $ORCHESTRATOR_URL/hooks/Again',
          ),
        ).toBe('200'),
      { timeout: 20_000, interval: 200 },
    )
  })

  it('keeps its socket when the server starts again', async () => {
    await sockets.close(worker1)
    expect(await inside('curl -sS $ORCHESTRATOR_URL')).toMatch(/^curl: \((?:7|52|56)\)/)
    const again = createLaunchSockets({
      surfaces: Promise.resolve({ instances: app, checks: app }),
      proxyFor: () => noProxy(),
      arrivalLimitMs: 30_000,
    })
    const other = dockerSubject(stage, { sockets: again })
    expect(await other.runtime.instances.listRunning()).toHaveLength(1)
    const ask = 'curl -sS -o /dev/null -w "%{http_code}" -X POST $ORCHESTRATOR_URL/hooks/Later'
    expect(await inside(ask)).toBe('200')
    await again[Symbol.asyncDispose]()
  })
})
