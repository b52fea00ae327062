import { randomBytes } from 'node:crypto'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { answerAs } from '../../src/rehearsal/players/answer-as.ts'
import { withBarrier } from '../../src/rehearsal/players/barrier.ts'
import { startModel } from '../../src/rehearsal/model/server.ts'
import { modelHost } from '../../src/rehearsal/runner/model-host.ts'
import { type Server, startServer } from '../../src/rehearsal/runner/server.ts'
import { createSetup, type Setup } from '../../src/rehearsal/runner/setup.ts'
import { fetchStatus, isOver, type Status } from '../../src/rehearsal/runner/status.ts'
import { makeSample } from '../../src/rehearsal/scenarios/sample.ts'
import { scenarios } from '../../src/rehearsal/scenarios/scenarios.ts'
import { type Canary, tracesIn, type Trace } from '../support/canary.ts'
import {
  answers,
  databaseRows,
  filesUnder,
  inspections,
  panes,
  processes,
} from '../support/canary-places.ts'

const workers = 2
const canaries: readonly Canary[] = Array.from({ length: workers + 1 }, (_, index) => ({
  name: `instance-${index + 1}`,
  // Its last characters look different in every form.
  secret: `canary-${randomBytes(12).toString('hex')}/+${index}=`,
}))

const paths = [
  '/status',
  '/api/v1/status',
  '/api/v1/credentials',
  '/api/v1/events',
  '/health',
  '/readyz',
  '/version',
  '/metrics',
  '/mcp',
]

/**
 * The instances whose settings hold a credential: each its own, in the order in which they start.
 */
const modes = [
  { credentials: 'file', holders: ['manager', 'worker-1', 'worker-2'] },
  { credentials: 'gateway', holders: [] },
] as const

const sanctioned = (holders: readonly string[]): readonly string[] => [
  ...canaries.map(({ name }) => `${name}, plain, in config/credentials/${name}.json`),
  ...holders.map(
    (holder, index) =>
      `instance-${index + 1}, plain, in state/instances/${holder}/settings/managed-settings.d/50-credential.json`,
  ),
]

async function* everywhere(
  setup: Setup,
  server: Server,
  { run, terminals }: Status,
): AsyncGenerator<Trace> {
  const filter = `label=claude-code-orchestrator.run=${run.id}`
  yield* filesUnder(setup.root)
  yield* inspections(filter)
  yield* processes(filter)
  yield* panes(terminals.socket)
  yield* answers(server.url, server.token, paths)
}

describe('a secret in a credential file', () => {
  it.each(modes)(
    'is, with credentials: $credentials, in its file, with $holders, and nowhere else',
    async ({ credentials, holders }) => {
      const { seed, script } = makeSample(scenarios.plain, 4, workers)
      await using model = await startModel({
        host: await modelHost('docker'),
        act: withBarrier(script, (request) => answerAs(script, request)),
      })
      await using setup = await createSetup({
        seed,
        workers,
        runtime: 'docker',
        context: 'fresh',
        checks: [],
        modelUrl: model.url,
        settings: { credentials },
      })
      await replaceCredentials(setup, model.url)
      await using stopped = new AsyncDisposableStack()
      const server = await startServer(setup, new AbortController().signal)
      stopped.defer(async () => void (await server.stop()))

      let lastWords: string | null = null
      void server.ended.then((reason) => {
        lastWords = reason
      })

      const seen = new Set<string>()
      let scans = 0
      let status: Status | null = null
      while (status === null || !isOver(status)) {
        status = await fetchStatus(server.url, server.token)
        if (status === null) break
        for (const trace of await tracesIn(canaries, everywhere(setup, server, status)))
          seen.add(trace)
        scans += 1
        await delay(500)
      }

      expect(lastWords).toBeNull()
      expect(status?.run.phase).toBe('done')
      expect(scans).toBeGreaterThan(1)
      // Otherwise there was nothing to leak.
      expect(new Set(model.requests.map(({ credential }) => credential))).toEqual(
        new Set(canaries.map(({ secret }) => secret)),
      )
      expect(await server.stop()).toBeNull()
      for (const trace of await tracesIn(canaries, afterwards(setup))) seen.add(trace)
      expect([...seen].map((trace) => trace.replace(`${setup.root}/`, '')).toSorted()).toEqual(
        sanctioned(holders).toSorted(),
      )
    },
  )
})

async function replaceCredentials({ config }: Setup, modelUrl: string): Promise<void> {
  const directory = join(config, 'credentials')
  for (const file of await readdir(directory)) await rm(join(directory, file))
  for (const { name, secret } of canaries) {
    const settings = { env: { ANTHROPIC_AUTH_TOKEN: secret, ANTHROPIC_BASE_URL: modelUrl } }
    await writeFile(join(directory, `${name}.json`), JSON.stringify(settings), { mode: 0o600 })
  }
}

async function* afterwards(setup: Setup): AsyncGenerator<Trace> {
  yield* databaseRows(join(setup.state, 'orchestrator.db'))
  yield* filesUnder(setup.root)
}
