import { rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { answerAs } from '../../src/rehearsal/players/answer-as.ts'
import { triesOf } from '../../src/rehearsal/players/script.ts'
import { startModel } from '../../src/rehearsal/model/server.ts'
import { poolOf } from '../../src/rehearsal/runner/credentials.ts'
import { findLeftovers } from '../../src/rehearsal/runner/leftovers.ts'
import { modelHost } from '../../src/rehearsal/runner/model-host.ts'
import { createSetup } from '../../src/rehearsal/runner/setup.ts'
import type { Status } from '../../src/rehearsal/runner/status.ts'
import { verify } from '../../src/rehearsal/runner/verify.ts'
import { createFaultInjector } from '../../src/rehearsal/scenarios/fault-plan.ts'
import { makeSample } from '../../src/rehearsal/scenarios/sample.ts'
import { scenarios } from '../../src/rehearsal/scenarios/scenarios.ts'
import { EngineProxy } from '../../src/rehearsal/runner/engine-proxy.ts'
import { until } from '../support/fault-run.ts'
import { LiveServer } from '../support/live-server.ts'

type Credential = Status['credentials'][number]

const readable = (status: Status) => JSON.stringify(status, null, 1)

const socket = join(tmpdir(), `pool-empty-${process.pid}.sock`)

describe('a run whose credentials are all out of use', () => {
  it.each([
    {
      type: 'revoked',
      shape: 'oauth-token',
      phase: 'rejected',
      need: /put a valid credential into the file key-\d/,
    },
    {
      type: 'spent',
      shape: 'auth-token',
      phase: 'spent',
      need: /put another credential into the file key-\d/,
    },
  ] as const)(
    'because they are $type says so, keeps its work, and goes on with the first good file',
    async ({ type, shape, phase, need }) => {
      const { seed, script } = makeSample(scenarios.revoked, 2, 2)
      const faultInjector = createFaultInjector(
        { fault: { type }, strikes: 'all', when: { role: 'worker', steps: 3 } },
        Date.now,
      )
      const pool = poolOf(12, shape, '')
      const old = new Set(pool.slice(0, 4).map(({ secret }) => secret))
      await using model = await startModel({
        host: await modelHost('docker'),
        act: (request) => answerAs(script, request),
        faultFor: (credential, ...asked) =>
          old.has(credential) ? faultInjector.faultFor(credential, ...asked) : null,
      })
      await using setup = await createSetup({
        seed,
        workers: 2,
        runtime: 'docker',
        context: 'fresh',
        checks: [],
        modelUrl: model.url,
        credentials: { shape, spare: 1 },
      })
      await using engine = new EngineProxy(socket)
      await engine.mend()
      await using server = new LiveServer(setup)
      server.startWith({ DOCKER_HOST: engine.address }, '--stop-instances')

      const isUseless = (credential: Credential) => credential.phase === phase
      const stopped = await until(
        'no credential is left',
        async () => {
          const status = await server.status()
          if (!status?.run.needs?.startsWith('no credential is left')) return null
          return status.credentials.filter(isUseless).length >= 2 ? status : null
        },
        480_000,
        200,
      )
      expect(stopped.run.needs, readable(stopped)).toMatch(need)
      expect(stopped.run.needs).toContain('the run has lost nothing')
      expect(
        stopped.instances.filter(({ task }) => task !== null).length,
        readable(stopped),
      ).toBeGreaterThan(0)
      expect(stopped.credentials.filter(isUseless).every(({ needs }) => needs !== null)).toBe(true)

      const passes = async (count: number) => {
        const { lists } = engine
        await until(`${count} passes`, async () => (engine.lists >= lists + count ? true : null))
      }
      await passes(1)
      const asked = model.requests.length
      // Two more passes over all instances: a server that tries again and again would have by then.
      await passes(2)
      expect(model.requests.slice(asked)).toEqual([])

      const [file] = stopped.credentials.filter(isUseless)
      const good = poolOf(12, shape, model.url)[11]
      if (!file || !good) throw new Error('there is no file to replace')
      const draft = join(setup.config, 'draft')
      await writeFile(draft, good.text, { mode: 0o600 })
      await rename(draft, join(setup.config, 'credentials', `${file.id}.json`))
      const mendedAt = Date.now()
      const done = await server.statusWhen('done', ({ run }) => run.phase === 'done')
      const first = model.requests.find(
        ({ credential, answered }) => credential === good.secret && answered === 'message',
      )
      if (!first) throw new Error('the good file was never used')
      process.stdout.write(`answered ${first.at - mendedAt} ms after the good file was there\n`)
      const before = model.requests.slice(asked, model.requests.indexOf(first))
      expect(before.filter(({ role }) => role === 'worker')).toEqual([])

      expect(await server.stop()).toBe(0)
      // A rotation that is refused at once is tried with a new launch, which is one more attempt.
      const tasks = script.tasks.map((task) => ({ id: task.id, tries: triesOf(task) + 2 }))
      const { findings } = await verify(setup, { status: done, reported: [], tasks })
      const leftovers = await findLeftovers(setup, 'docker', done)
      expect(
        [...findings, ...leftovers].flatMap(({ promise, problem }) =>
          problem === null ? [] : [`${promise}: ${problem}`],
        ),
      ).toEqual([])
    },
  )
})
