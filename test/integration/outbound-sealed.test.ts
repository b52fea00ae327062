import { execFile, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fastify from 'fastify'
import { describe, expect, it, vi } from 'vitest'
import { parseAllowedHost } from '../../src/egress/allow-list.ts'
import { createEgressProxy } from '../../src/egress/egress-proxy.ts'
import { createLaunchSockets } from '../../src/http/instance/launch-sockets.ts'
import { startModel } from '../../src/rehearsal/model/server.ts'
import { resultsIn } from '../../src/rehearsal/model/wire.ts'
import { anAuthority, startCompanyProxy, startSecure } from './outbound-stage.ts'
import {
  anOrder,
  dockerSubject,
  openRuntimeStage,
  worker1,
  workerImage,
} from '../support/runtime-stage.ts'

const hasEngine = spawnSync('docker', ['version']).status === 0
const execute = promisify(execFile)
const name = 'secure.company-test.example'
const patience = { timeout: 110_000, interval: 50 }
const bundle = '/etc/ssl/certs/ca-certificates.crt'
const variables = ['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO', 'NODE_EXTRA_CA_CERTS']

/** A site, a repository and a registry of npm. */
const answer: RequestListener = ({ url = '' }, response) => {
  if (url.startsWith('/repo.git/info/refs'))
    return void response.end(`${'a'.repeat(40)}\trefs/heads/found-by-git\n`)
  if (url === '/tiny') {
    response.setHeader('content-type', 'application/json')
    const versions = { '1.0.0': { name: 'tiny', version: '1.0.0' } }
    const tags = { 'dist-tags': { latest: '1.0.0' } }
    return void response.end(JSON.stringify({ name: 'tiny', ...tags, versions }))
  }
  response.end('found')
}

/** A sealed runtime, behind the proxy of a company. */
async function openScene({ isTrusted, model }: { isTrusted: boolean; model?: string }) {
  const opened = new AsyncDisposableStack()
  const authority = anAuthority()
  const port = await startSecure(authority, name, answer)
  const company = await startCompanyProxy({ [`${name}:443`]: port })
  const parsed = parseAllowedHost(name)
  const egress = createEgressProxy({
    policy: () => ({ mode: 'sealed', allow: parsed.ok ? [parsed.host] : [] }),
    ...{ onTunnel: () => undefined, onRefused: () => undefined, onLargeUpload: () => undefined },
    onError: ({ error }) => {
      throw error
    },
    upstreamProxy: { url: company.url },
  })
  opened.use(egress)
  const app = fastify({ bodyLimit: 32 * 1024 ** 2 })
  const hooks: string[] = []
  app.post<{ Params: { event: string } }>('/hooks/:event', ({ params }) => {
    hooks.push(params.event)
    return {}
  })
  app.post('/v1/messages', async ({ url, body }, reply) => {
    const headers = { 'content-type': 'application/json', 'x-api-key': 'sk-ant-api03-of-a-test' }
    const asked = { method: 'POST', headers, body: JSON.stringify(body) }
    const answered = await fetch(`${model ?? ''}${url}`, asked)
    const type = answered.headers.get('content-type') ?? 'text/plain'
    return await reply.type(type).send(await answered.text())
  })
  opened.defer(() => app.close())
  const sockets = opened.use(
    createLaunchSockets({
      surfaces: Promise.resolve({ instances: app, checks: app }),
      proxyFor: (instance) => egress.listenerFor(instance),
      arrivalLimitMs: 30_000,
    }),
  )
  const stage = await openRuntimeStage({ 'README.md': 'A sample.\n' })
  const subject = dockerSubject(stage, {
    serverUrl: () => 'http://127.0.0.1:7700',
    sockets,
    checksReachNetwork: true,
    certificates: isTrusted ? [authority.pem.trim()] : [],
  })
  opened.defer(() => subject.close())
  await subject.runtime.ensureUsable()
  const check = (...commands: readonly string[]) =>
    subject.runtime.checkRunner.run(stage.head, commands, 120_000)
  const close = () => opened.disposeAsync()
  return { stage, subject, company, hooks, check, [Symbol.asyncDispose]: close }
}

describe.skipIf(!hasEngine && process.env.CI === undefined)('a sealed container', () => {
  it('reaches hosts through the proxy of the company, and trusts its certificates', async () => {
    await using scene = await openScene({ isTrusted: true })
    const outcome = await scene.check(
      `curl -sS https://${name}/`,
      // Also where a program reads none of the variables.
      `env ${variables.map((each) => `-u ${each}`).join(' ')} curl -sS https://${name}/`,
      `git ls-remote https://${name}/repo.git`,
      `NODE_USE_ENV_PROXY=1 node -e 'fetch("https://${name}/").then((a) => a.text()).then((t) =>
        console.log("node", t))'`,
      `npm view --registry https://${name}/ --replace-registry-host=never tiny version`,
      `grep ' ${bundle} ' /proc/mounts`,
    )
    expect(outcome).toMatchObject({ ok: true })
    expect(outcome.output.match(/found/g)).toHaveLength(4)
    expect(outcome.output).toMatch(
      /found-by-git[^]*node found[^]*1\.0\.0[^]*ca-certificates\.crt \w+ ro,/,
    )
    expect(new Set(scene.company.passed)).toEqual(new Set([`${name}:443`]))
    expect(scene.company.passed.length).toBeGreaterThan(4)
  })

  it('trusts what its image trusts otherwise', async () => {
    await using scene = await openScene({ isTrusted: false })
    const outcome = await scene.check(`curl -sS https://${name}/ || echo failed`)
    expect(outcome.output).toMatch(/certificate[^]*failed/)
    expect(scene.company.passed).toEqual([`${name}:443`])
  })

  it('has both the certificates of its image and those of the company', async () => {
    const argv = [
      'run',
      '--rm',
      '--network=none',
      '--entrypoint=grep',
      workerImage,
      '-c',
      'BEGIN',
      bundle,
    ]
    const { stdout } = await execute('docker', argv)
    await using scene = await openScene({ isTrusted: true })
    const outcome = await scene.check(`grep -c BEGIN ${bundle}`)
    expect(outcome.output).toMatch(new RegExp(`^${Number(stdout) + 1}$`, 'm'))
  })

  it('gives the variables to the shell of its Claude Code', async () => {
    await using model = await startShellModel('env >/workspace/seen-by-the-shell')
    await using scene = await openScene({ isTrusted: true, model: model.url })
    const { stage, subject } = scene
    const credentialEnvironment = {
      ANTHROPIC_API_KEY: 'sk-ant-api03-of-a-test',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:7700',
    }
    await subject.runtime.instances.ensureRunning(anOrder({ credentialEnvironment }))
    await subject.show(worker1)
    await vi.waitFor(() => expect(subject.runtime.instances.status(worker1)).toBe('idle'), patience)
    await stage.terminals.paste(worker1, 'look around')
    await stage.terminals.press(worker1, 'Enter')
    await vi.waitFor(() => expect(scene.hooks).toContain('Stop'), patience)
    const seen = join(stage.directory, 'instances', worker1, 'workspace/seen-by-the-shell')
    const lines = (await readFile(seen, 'utf8')).split('\n')
    for (const variable of variables) expect(lines).toContain(`${variable}=${bundle}`)
    expect(lines).toContain('HTTPS_PROXY=http://127.0.0.1:3128')
  })
})

/** A model whose worker runs one command. */
const startShellModel = (command: string) =>
  startModel({
    host: '127.0.0.1',
    act: (request) => ({
      answer: {
        blocks:
          resultsIn(request).length > 0 || request.tools.length === 0
            ? [{ type: 'text', text: 'done' }]
            : [{ type: 'tool_use', name: 'Bash', input: { command, description: 'look' } }],
      },
      ...{ role: 'worker', prompt: null, complaint: null },
    }),
  })
