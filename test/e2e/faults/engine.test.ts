import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { docker, linesOf } from '../../../src/rehearsal/chaos/world/command.ts'
import type { JournalLine } from '../../support/journal-copy.ts'
import { EngineProxy } from '../../../src/rehearsal/runner/engine-proxy.ts'
import { FaultRun, report, until } from '../../support/fault-run.ts'
import { Gate } from '../../support/gate.ts'
import { runSteps, type Steps, stepsTimeoutMs } from '../../support/steps.ts'

const socket = join(tmpdir(), `engine-${process.pid}.sock`)
/** Two full passes of the server and more: part of the fault, not of the verdict. */
const awayMs = 20_000

let run: FaultRun
let engine: EngineProxy
beforeAll(async () => {
  engine = new EngineProxy(socket)
  await engine.mend()
  run = await FaultRun.open({ workers: 2, tasks: 3, gate: new Gate('before-commit') })
})
afterAll(async () => {
  await run[Symbol.asyncDispose]()
  await engine[Symbol.asyncDispose]()
  await rm(socket, { force: true })
})

const start = (): void => run.server.startWith({ DOCKER_HOST: engine.address })

const containers = async (): Promise<readonly string[]> => {
  const { run: of } = await run.status()
  const filter = `label=claude-code-orchestrator.run=${of.id}`
  return linesOf(
    await docker('ps', '--all', '--filter', filter, '--format', '{{.Names}} {{.State}}'),
  )
}

const attempts = async (): Promise<string> =>
  (await run.status()).tasks.map(({ id, attempts: count }) => `${id} ${count}`).join()
const phases = async (): Promise<string> =>
  (await run.status()).instances.map(({ id, phase, launch }) => `${id} ${phase} ${launch}`).join()

const losses = (after: number): readonly string[] =>
  run.journal
    .since(
      after,
      ({ event, ignored }) => event.type === 'instance-lost' && (ignored ?? null) === null,
    )
    .map(({ event }) => `${event.instance}: ${event.cause?.slice(0, 90)}`)

const isBriefed =
  (instance: string) =>
  ({ event }: JournalLine): boolean =>
    event.type === 'brief-fetched' && event.instance === instance

const steps: Steps = {
  'creates nothing twice when the answers to create and start are lost': async () => {
    engine.lose(/^POST \S*\/containers\/create\?/, 2)
    engine.lose(/^POST \S*\/containers\/[^/]+\/start /, 2)
    start()
    await run.atWork(2)
    const found = await containers()
    report(
      'answer-lost',
      `${engine.lost.length} answers lost; ${found.length} containers for 3 instances (${await phases()}); ${losses(0).join('; ') || 'no instance lost'}; attempts ${await attempts()}`,
      'nothing created twice (deterministic names); no attempt counted',
      engine.lost.length === 4 && found.length === 3 && !/ [2-9]/.test(await attempts()),
    )
  },

  'goes on, and answers, while the engine is slow': async () => {
    const before = { attempts: await attempts(), phases: await phases() }
    const mark = run.journal.last
    engine.delayMs = 2_000
    const lists = engine.lists
    await until('two full passes over the containers', async () =>
      engine.lists >= lists + 2 ? true : null,
    )
    const release = engine.hold()
    const answersMs: number[] = []
    const headers = { authorization: `Bearer ${await run.token()}` }
    for (let asked = 0; asked < 12; asked += 1) {
      const at = Date.now()
      if ((await fetch(new URL('/status', run.server.url), { headers })).ok)
        answersMs.push(Date.now() - at)
    }
    release()
    engine.delayMs = 0
    const isCalm =
      losses(mark).length === 0 &&
      (await phases()) === before.phases &&
      (await attempts()) === before.attempts
    report(
      'engine-slow',
      `every answer 2 s late for two passes: ${losses(mark).join('; ') || 'no instance lost'}; /status, while the engine answers nothing, after ${Math.max(...answersMs)} ms at most`,
      'no instance lost; the server answers while the engine does not',
      isCalm && answersMs.length === 12,
    )
  },

  'counts no death as an attempt while the engine is away': async () => {
    const [victim = '', other = ''] = await run.atWork(2)
    const { launch } = (await run.status()).instances.find(({ id }) => id === victim) ?? {
      launch: 0,
    }
    const before = {
      attempts: await attempts(),
      launch,
      started: (await run.startTimes()).filter((line) => !line.includes(victim)).join(),
    }
    const mark = run.journal.last
    await engine.cut()
    await run.killContainer(victim)
    await delay(awayMs)
    const during = losses(mark)
    const headers = { authorization: `Bearer ${await run.token()}` }
    const ready = await fetch(new URL('/readyz', run.server.url), { headers })
    const reason = (await ready.text()).trim()
    const answer = await fetch(new URL('/status', run.server.url), { headers })
    const document: unknown = await answer.json()
    const isShown =
      /engine/i.test(reason) || /no Docker engine answers/.test(JSON.stringify(document))
    const mendedAt = Date.now()
    await engine.mend()
    const isLoss = ({ event }: JournalLine): boolean =>
      event.type === 'instance-lost' && event.instance === victim
    const lost = await run.journal.next(`${victim} is missed`, mark, isLoss)
    const isStarted = ({ event }: JournalLine): boolean =>
      event.type === 'instance-started' && event.instance === victim
    await run.journal.next(`${victim} is started again`, mark, isStarted)
    const back = await run.journal.next(`${victim} goes on`, mark, isBriefed(victim))
    const counted = await attempts()
    const untouched =
      (await run.startTimes()).filter((line) => !line.includes(victim)).join() === before.started
    report(
      'engine-away',
      `${awayMs / 1_000} s without it, ${victim} killed meanwhile: ${during.join('; ') || 'no instance given up'}; /readyz ${ready.status} ${reason.slice(0, 120)}; seen ${lost.event.at - mendedAt} ms after its return (${lost.event.cause}); at its task after ${back.event.at - mendedAt} ms, launch ${before.launch} → ${back.event.launch}; attempts ${before.attempts} → ${counted}; ${other} ${untouched ? 'untouched' : 'restarted'}`,
      'deaths not counted as attempts; others untouched; the status says it clearly; the first launch goes on',
      during.length === 0 &&
        untouched &&
        counted === before.attempts &&
        isShown &&
        back.event.launch === before.launch + 1,
    )
  },

  'is rebuilt after a reboot of the host': async () => {
    await run.atWork(2)
    const before = {
      attempts: await attempts(),
      launches: (await run.status()).instances.map(({ launch }) => launch),
    }
    const names = (await containers()).map((line) => line.split(' ')[0] ?? '')
    await run.server.kill()
    await Promise.all(names.map((name) => docker('kill', '--signal', 'KILL', name)))
    const mark = run.journal.last
    const startedAt = Date.now()
    start()
    const saved = run.journal.next(
      'the work is saved',
      mark,
      ({ event }) => event.type === 'work-saved' || event.type === 'work-unchanged',
    )
    await Promise.all(
      ['worker-1', 'worker-2'].map((id) => run.journal.next(`${id} goes on`, mark, isBriefed(id))),
    )
    const backMs = Date.now() - startedAt
    const { event } = await saved
    const found = await until('three containers', async () =>
      (await containers()).length === 3 ? containers() : null,
    )
    const launches = (await run.status()).instances.map(({ launch }) => launch)
    const counted = await attempts()
    report(
      'host-reboot',
      `everything killed with the server: ${found.length} containers, both workers at their tasks ${backMs} ms after the start, launches ${before.launches.join()} → ${launches.join()}, ${event.type}, attempts ${before.attempts} → ${counted}`,
      'desired state rebuilt, work saved, tasks go on; the reboot is not an attempt',
      found.every((line) => line.endsWith('running')) &&
        launches.every((launch, index) => launch === (before.launches[index] ?? 0) + 1) &&
        counted === before.attempts,
    )
  },

  'merges every task once': async () => {
    expect(await run.finish(4)).toEqual([])
  },
}

describe('a run whose Docker engine fails', () => {
  it('loses no work and counts no attempt', { timeout: stepsTimeoutMs }, () => runSteps(steps))
})
