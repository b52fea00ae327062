import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { answerAs } from '../../src/rehearsal/players/answer-as.ts'
import { withBarrier } from '../../src/rehearsal/players/barrier.ts'
import { startModel } from '../../src/rehearsal/model/server.ts'
import { findLeftovers } from '../../src/rehearsal/runner/leftovers.ts'
import type { FaultIn } from '../../src/rehearsal/faults/catalogue.ts'
import { modelHost } from '../../src/rehearsal/runner/model-host.ts'
import { lastWords } from '../../src/rehearsal/runner/server.ts'
import { createSetup } from '../../src/rehearsal/runner/setup.ts'
import { verify } from '../../src/rehearsal/runner/verify.ts'
import { makeSample } from '../../src/rehearsal/scenarios/sample.ts'
import { scenarios } from '../../src/rehearsal/scenarios/scenarios.ts'
import { until } from '../support/fault-run.ts'
import { Gate } from '../support/gate.ts'
import { LiveServer } from '../support/live-server.ts'

const execute = promisify(execFile)
const kill = (container: string) => execute('docker', ['kill', '--signal=KILL', container])

/**
 * Each start of the server has one of them and dies there: in the order in which a run reaches
 * them.
 */
const points = [
  ...killedBy('server-kill-at-commit', 'store.commit.before', 'store.commit.after'),
  ...killedBy(
    'server-kill-at-call',
    'instances.ensureRunning.before',
    'instances.ensureRunning.after',
    'terminals.ensureOpen.after',
  ),
  ...killedBy('server-kill-at-commit', 'store.commit.after@9'),
  // The lists are written when the plan was submitted.
  ...killedBy(
    'server-kill-at-call',
    'terminals.paste.before',
    'terminals.press.after',
    'repository.commitFiles.before',
    'repository.commitFiles.after',
    'repository.backUp.before',
    'repository.backUp.after',
    'repository.takeIn.before',
    'repository.takeIn.after',
    'repository.tryMerge.before',
    'repository.tryMerge.after',
    'repository.land.before',
    'repository.land.after',
  ),
  ...killedBy('server-kill-at-commit', 'store.commit.before@15'),
  ...killedBy(
    'server-kill-at-call',
    'repository.publish.before',
    'repository.publish.after',
    'repository.mergeUpstream.after',
    'instances.ensureAllStopped.before',
  ),
]

/** The failpoints under the name that their fault has in the catalogue. */
function killedBy(_fault: FaultIn<'failpoint'>, ...failpoints: string[]): readonly string[] {
  return failpoints
}

const none = ''

/**
 * A worker whose files are written and not committed is killed, so that the server saves them.
 * Nothing to do when the server already died at the point, which the next start repeats.
 */
async function killWorkerWithChanges(server: LiveServer, gate: Gate): Promise<void> {
  gate.shut('before-commit')
  const isHeld = async (): Promise<string | null> => {
    if (server.hasEnded) return none
    const status = await server.status()
    const held = status?.tasks.find(({ id, assignee }) => assignee && gate.waiting.includes(id))
    return held?.assignee ?? null
  }
  const worker = await until('a worker has changes', isHeld, 150_000, 250)
  if (worker !== none) await kill(`orchestrator-${server.run}-${worker}`)
}

describe('a server that is killed at every commit and every outside effect in turn', () => {
  it(`merges every task exactly once after ${points.length} kills in one run`, {
    timeout: 1_800_000,
  }, async () => {
    const { seed, script } = makeSample(scenarios.plain, 14, 3)
    const gate = new Gate()
    const answer = gate.through((request) => answerAs(script, request))
    const act = withBarrier(script, answer)
    await using model = await startModel({ host: await modelHost('docker'), act })
    await using setup = await createSetup({
      seed,
      workers: 3,
      runtime: 'docker',
      context: 'fresh',
      checks: [],
      modelUrl: model.url,
      // All starts are under way at the first points.
      settings: { limits: { startsAtOnce: 4 } },
    })
    await using server = new LiveServer(setup)
    for (const point of points) {
      server.startWithFailpoint(point)
      if (point.startsWith('repository.backUp')) await killWorkerWithChanges(server, gate)
      const signal = await server.death(480_000)
      expect(signal, `${point}\n${(await readFile(setup.serverLog, 'utf8')).slice(-3_000)}`).toBe(
        'SIGKILL',
      )
      gate.open()
    }
    server.start('--stop-instances')
    const done = await server.statusWhen('done', (status) => status.run.phase === 'done')
    // The end of the run was known before this start; a server that gets SIGTERM while it starts
    // just ends.
    const isReady = async (): Promise<boolean> => {
      if (server.hasEnded) throw new Error(`it ended: ${await lastWords(setup)}`)
      return fetch(new URL('/readyz', server.url)).then(
        ({ ok }) => ok,
        () => false,
      )
    }
    await vi.waitUntil(isReady, { timeout: 240_000, interval: 200 })
    expect(await server.stop()).toBe(0)
    const tasks = script.tasks.map(({ id }) => ({ id, tries: 9 }))
    const { findings } = await verify(setup, { status: done, reported: [], tasks })
    const all = [...findings, ...(await findLeftovers(setup, 'docker', done))]
    expect(all.filter(({ problem }) => problem !== null)).toEqual([])
  })
})
