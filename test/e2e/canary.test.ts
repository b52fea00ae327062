import { randomBytes } from 'node:crypto'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startListener } from '../../src/rehearsal/attack/stage/listener.ts'
import { startRegistry } from '../../src/rehearsal/attack/stage/registry.ts'
import { answerAs } from '../../src/rehearsal/players/answer-as.ts'
import { HeldTasks } from '../../src/rehearsal/players/held-tasks.ts'
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
import { type Theft, tryToSteal } from '../support/canary-theft.ts'

const workers = 2
const canaries: readonly Canary[] = Array.from({ length: workers + 1 }, (_, index) => ({
  name: `instance-${index + 1}`,
  // Its last characters look different in every form.
  secret: `canary-${randomBytes(12).toString('hex')}/+${index}=`,
}))

/** How each of them looks. */
const pattern = 'canary-[0-9a-f]{24}/[+][0-9]='

/** Holds every worker in the middle of its task, until it has tried its ways out. */
const awaits = { type: 'awaits', tries: 1 } as const

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

/** `held`: the canaries that worker-1 can read. `answer`: what it gets when it asks the gateway. */
const modes = [
  {
    credentials: 'file',
    variable: 'ANTHROPIC_AUTH_TOKEN',
    holders: ['manager', 'worker-1', 'worker-2'],
    held: ['instance-2'],
    answer: 'gateway 404',
  },
  {
    credentials: 'gateway',
    variable: 'ANTHROPIC_API_KEY',
    holders: [],
    held: [],
    answer: 'gateway 200',
  },
] as const

/**
 * `reaches`: the listeners to which a worker brings what it likes. `refusals`: what proves that the
 * proxy was tried.
 */
const networks = [
  { network: 'sealed', reaches: [], refusals: ['proxy 403'] },
  { network: 'proxied', reaches: [], refusals: ['proxy 403'] },
  { network: 'open', reaches: ['machine'], refusals: [] },
] as const

const cells = networks.flatMap((network) => modes.map((mode) => ({ ...network, ...mode })))

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
  it.each(cells)(
    'is, with $network and $credentials, with $holders, and a worker can bring it to $reaches',
    async ({ network, credentials, variable, holders, held, reaches, answer, refusals }) => {
      const sample = makeSample(scenarios.plain, workers, workers)
      const script = {
        ...sample.script,
        tasks: sample.script.tasks.map((task) => ({ ...task, dependsOn: [], habit: awaits })),
      }
      const waiting = new HeldTasks(script)
      await using model = await startModel({
        host: await modelHost('docker'),
        act: waiting.through(async (request) => answerAs(script, request)),
      })
      await using registry = await startRegistry()
      /** What the server and Claude Code send to other hosts goes there. */
      await using upstream = await startListener()
      await using setup = await createSetup({
        seed: sample.seed,
        workers,
        runtime: 'docker',
        context: 'fresh',
        checks: [],
        modelUrl: model.url,
        settings: {
          network,
          credentials,
          npmRegistry: registry.url,
          upstreamProxy: `http://${await modelHost('docker')}:${upstream.port}`,
        },
      })
      await replaceCredentials(setup, variable, model.url)
      await using stopped = new AsyncDisposableStack()
      const server = await startServer(setup, new AbortController().signal)
      stopped.defer(async () => void (await server.stop()))

      const lastWords: string[] = []
      void server.ended.then((reason) => lastWords.push(reason))

      const seen = new Set<string>()
      let theft: Theft | null = null
      let scans = 0
      let isDone = false
      while (!isDone && lastWords.length === 0) {
        const status = await fetchStatus(server.url, server.token)
        if (status === null) continue
        for (const trace of await tracesIn(canaries, everywhere(setup, server, status)))
          seen.add(trace)
        scans += 1
        if (theft === null && script.tasks.every(({ id }) => waiting.isWaiting(id))) {
          theft = await tryToSteal(status.run.id, canaries, pattern)
          for (const { id } of script.tasks) waiting.release(id)
        }
        expect(status.run.phase).not.toBe('failed')
        isDone = isOver(status)
        await delay(500)
      }

      expect(lastWords).toEqual([])
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
      if (theft === null) throw new Error('no worker tried its exits')
      const { found, reached, unasked, brought, marker } = theft
      expect(theft.answers).toEqual(expect.arrayContaining([...refusals, answer]))
      expect(found).toEqual(held)
      // In `open` the engine decides about other machines of the network, and about no instance.
      expect(reached.filter((at) => network !== 'open' || at !== 'neighbour')).toEqual(reaches)
      expect(brought).toEqual(reached.length > 0 ? held : [])
      expect(unasked).toEqual([])
      expect(upstream.arrived).toEqual([])
      expect(registry.asked.filter((asked) => asked !== `GET /${marker}`)).toEqual([])
    },
  )
})

async function replaceCredentials(
  { config }: Setup,
  variable: string,
  modelUrl: string,
): Promise<void> {
  const directory = join(config, 'credentials')
  for (const file of await readdir(directory)) await rm(join(directory, file))
  for (const { name, secret } of canaries) {
    const settings = { env: { [variable]: secret, ANTHROPIC_BASE_URL: modelUrl } }
    await writeFile(join(directory, `${name}.json`), JSON.stringify(settings), { mode: 0o600 })
  }
}

async function* afterwards(setup: Setup): AsyncGenerator<Trace> {
  yield* databaseRows(join(setup.state, 'orchestrator.db'))
  yield* filesUnder(setup.root)
}
