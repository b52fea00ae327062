import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { output } from '../../../src/rehearsal/chaos/world/command.ts'
import type { Fault } from '../../../src/rehearsal/model/fault.ts'
import type { JournalLine } from '../../support/journal-copy.ts'
import { FaultRun, report, until } from '../../support/fault-run.ts'
import { Gate } from '../../support/gate.ts'
import {
  essence,
  isHook,
  type KeptHook,
  keptBy,
  lastStopOf,
  outboxOf,
  replay,
  tally,
} from '../../support/outbox.ts'
import { runSteps, type Steps, stepsTimeoutMs } from '../../support/steps.ts'
import { unfinishedTurns } from '../../support/unfinished-turns.ts'

const workers = ['worker-1', 'worker-2']
/** The client tries a few times by itself, how often depends on what it meets. */
const moreThanRetries = 50

/** What the model does to the next requests of one credential. */
const armed = {
  credential: '',
  fault: { type: 'overloaded' } as Fault,
  left: 0,
  struckAt: [] as number[],
}

let run: FaultRun
beforeAll(async () => {
  run = await FaultRun.open({
    workers: 2,
    tasks: 6,
    spare: 1,
    // Turns end while the server is down: without a network they would wait for it with the model.
    settings: { network: 'open' },
    gate: new Gate('before-stop'),
    faultFor: (credential) => {
      if (credential !== armed.credential || armed.left === 0) return null
      armed.left -= 1
      armed.struckAt.push(Date.now())
      return armed.fault
    },
  })
  run.server.start()
})
afterAll(() => run[Symbol.asyncDispose]())

const isFrom =
  (instance: string, ...types: readonly string[]) =>
  ({ event, ignored }: JournalLine): boolean =>
    event.instance === instance && types.includes(event.type) && (ignored ?? null) === null

const isLoss = ({ event }: JournalLine): boolean =>
  event.type === 'instance-lost' && workers.includes(event.instance ?? '')

const requestsOf = () => run.model.requests.filter(({ role }) => role === 'worker').length

let recorded: readonly KeptHook[] = []

async function failTurn(name: string, fault: Fault): Promise<void> {
  await run.atWork(2)
  const { instances } = await run.status()
  const victim = 'worker-1'
  const credential = instances.find(({ id }) => id === victim)?.credential ?? ''
  const mark = run.journal.last
  Object.assign(armed, {
    credential: credential.replace('key', 'rehearsal'),
    fault,
    left: moreThanRetries,
    struckAt: [],
  })
  const task = await run.taskOf(victim)
  run.gate.letPass(task)
  const ended = await run.journal.next(
    'the turn ends',
    mark,
    isFrom(victim, 'turn-failed', 'task-reported'),
  )
  armed.left = 0
  run.gate.hold(task)
  const next =
    ended.event.type === 'turn-failed'
      ? isFrom(victim, 'brief-fetched')
      : isFrom(victim, 'turn-ended')
  const back = await run.journal.next('it goes on', ended.sequence - 1, next)
  const [first = 0, last = 0] = [armed.struckAt[0], armed.struckAt.at(-1)]
  const seenMs = ended.event.at - last
  const what =
    ended.event.type === 'turn-failed'
      ? `a failure, ${ended.event.modelError?.kind},`
      : 'the report: the client went on by itself,'
  report(
    'turn-without-stop',
    `${name}: ${armed.struckAt.length} times in ${last - first} ms; ${what} seen ${seenMs} ms after the last; ${back.event.type} ${back.event.at - ended.event.at} ms later`,
    'the failure or the report, then the worker goes on as the same launch',
    back.event.launch === ended.event.launch,
  )
}

const steps: Steps = {
  'gets the Stop that fired while the server was down': async () => {
    await until(
      'both workers are about to stop',
      async () => (run.gate.waiting.length === 2 ? true : null),
      240_000,
    )
    await run.status()
    await run.server.kill()
    const [before, mark] = [requestsOf(), run.journal.last]
    run.gate.open()
    run.gate.shut('before-commit')
    const hasStopped = async (): Promise<true | null> => {
      const kept = await Promise.all(workers.map((instance) => keptBy(run.setup, instance)))
      return kept.every((all) => all.some(({ event }) => event === 'Stop')) ? true : null
    }
    await until('both have stopped', hasStopped)
    // Claude Code writes the summary when the turn is over: it says whether the hook made it go on.
    const stops = await until('Claude Code has closed both turns', async () => {
      const found = await Promise.all(workers.map((instance) => lastStopOf(run.setup, instance)))
      return found.every((stop) => stop !== null) ? found.filter((stop) => stop !== null) : null
    })
    const answered = requestsOf() - before
    recorded = (await Promise.all(workers.map((instance) => keptBy(run.setup, instance)))).flat()
    // The second one's Stop is lost on its way, for the row below.
    for (const { instance, event, file } of recorded)
      if (instance === 'worker-2' && event === 'Stop')
        await rm(join(outboxOf(run.setup, instance), file))
    const startedAt = Date.now()
    run.server.start()
    const arrived = await run.journal.next(
      'the Stop arrives',
      mark,
      isFrom('worker-1', 'turn-ended'),
    )
    const isCalm = stops.every(
      ({ hookErrors, preventedContinuation }) => hookErrors.length === 0 && !preventedContinuation,
    )
    report(
      'server-kill',
      `hooks ended ${isCalm ? 'without' : 'with'} an error; ${answered} requests of 2 workers; the event arrived ${arrived.event.at - startedAt} ms after the start`,
      'the hook ends without an error, no wake loop (one request each), the event arrives after the restart',
      isCalm &&
        answered === 2 &&
        recorded.filter(({ event }) => event === 'Stop').length === workers.length,
    )
  },

  'sees the end of a turn whose Stop was lost': async () => {
    const startedAt = run.journal.since(0, ({ event }) => event.type === 'server-started').at(-1)
    const seen = await run.journal.next(
      'the end of the turn is seen',
      startedAt?.sequence ?? 0,
      isFrom('worker-2', 'instance-idle'),
    )
    const afterMs = seen.event.at - (startedAt?.event.at ?? 0)
    report(
      'hook-lost',
      `a Stop that never arrived was seen ${afterMs} ms after the start`,
      'seen from the status, before any restart',
      run.journal.since(startedAt?.sequence ?? 0, isLoss).length === 0,
    )
  },

  'takes hooks that are doubled, late, reordered or of an old launch once': async () => {
    await run.atWork(2)
    const twice = [...recorded, ...recorded].sort(() => Math.random() - 0.5)
    const before = JSON.stringify(essence(await run.status()))
    const answers = []
    for (const each of twice) answers.push(await replay(run, each))
    const isUnchanged = JSON.stringify(essence(await run.status())) === before
    const mark = run.journal.last
    for (const instance of workers) await run.killContainer(instance)
    for (const instance of workers)
      await run.journal.next(`${instance} is back`, mark, isFrom(instance, 'brief-fetched'))
    const old = []
    for (const each of twice) old.push(await replay(run, each))
    const effects = recorded.map(
      ({ instance, launch, sequence }) =>
        run.journal.since(
          0,
          (line) => isHook(line, instance, launch, sequence) && (line.ignored ?? null) === null,
        ).length,
    )
    // What the old container sent before its end counts until its loss is noticed.
    const lostAt = new Map(
      run.journal.since(mark, isLoss).map(({ event, sequence }) => [event.instance, sequence]),
    )
    const ofOld = run.journal.since(mark, ({ event, sequence, ignored }) => {
      const isPast = sequence > (lostAt.get(event.instance) ?? Number.POSITIVE_INFINITY)
      return isPast && event.launch === 1 && (ignored ?? null) === null
    })
    report(
      'hook-again',
      `${recorded.length} recorded bodies (${[...new Set(recorded.map(({ event }) => event))].join(', ')}) replayed twice each, shuffled: ${tally(answers)}, state ${isUnchanged ? 'unchanged' : 'changed'}; from the old launch: ${tally(old)}, ${ofOld.length} effects ${ofOld.map(({ event }) => event.type).join(' ')}; at most ${Math.max(...effects)} effect of each`,
      'one effect each; 409 for an old launch',
      isUnchanged &&
        old.every((status) => status === 409) &&
        lostAt.size === workers.length &&
        ofOld.length === 0 &&
        Math.max(...effects) <= 1,
    )
  },

  ...Object.fromEntries(
    unfinishedTurns.map(([name, fault]) => [
      `handles a turn that ends with ${name} instead of a Stop`,
      () => failTurn(name, fault),
    ]),
  ),

  'sees the end of a turn that was interrupted': async () => {
    await run.atWork(2)
    const { terminals } = await run.status()
    const mark = run.journal.last
    const at = Date.now()
    await output('tmux', '-L', terminals.socket, 'send-keys', '-t', '=worker-1:', 'Escape')
    const seen = await run.journal.next(
      'the end of the turn is seen',
      mark,
      isFrom('worker-1', 'instance-idle'),
    )
    report(
      'interrupt',
      `no hook at all; seen after ${seen.event.at - at} ms`,
      'seen from the status, before any restart',
      run.journal.since(mark, isLoss).length === 0,
    )
  },

  'merges every task once': async () => {
    await run.server.stop()
    run.server.start('--stop-instances')
    expect(await run.finish(9)).toEqual([])
  },
}

describe('a run whose hooks and turns fail', () => {
  it('loses no event and takes none twice', { timeout: stepsTimeoutMs }, () => runSteps(steps))
})
