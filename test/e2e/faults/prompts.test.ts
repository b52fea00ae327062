import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { InstanceId } from '../../../src/core/model/ids.ts'
import { LaunchTokens } from '../../../src/engine/commands/launch-tokens.ts'
import { output } from '../../../src/rehearsal/chaos/world/command.ts'
import type { Fault } from '../../../src/rehearsal/model/fault.ts'
import type { JournalLine } from '../../../src/rehearsal/runner/events.ts'
import { FaultRun, report, until } from '../../support/fault-run.ts'
import { Gate } from '../../support/gate.ts'

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

const homeOf = (instance: string): string => join(run.setup.state, 'instances', instance, 'home')
const outboxOf = (instance: string): string => join(homeOf(instance), '.orchestrator/outbox')

interface Kept {
  readonly instance: string
  readonly file: string
  readonly sequence: number
  readonly launch: number
  readonly event: string
  readonly body: string
}

/** What hooks could not deliver. */
async function keptBy(instance: string): Promise<readonly Kept[]> {
  const files = (await readdir(outboxOf(instance))).filter((name) => /^\d+\..*\.json$/.test(name))
  return Promise.all(
    files.map(async (file) => {
      const [sequence = '', launch = '', , event = ''] = file.split('.')
      const body = await readFile(join(outboxOf(instance), file), 'utf8')
      return { instance, file, sequence: Number(sequence), launch: Number(launch), event, body }
    }),
  )
}

const stopSummary = z.looseObject({
  subtype: z.literal('stop_hook_summary'),
  hookInfos: z.array(z.object({ durationMs: z.number() })),
  hookErrors: z.array(z.unknown()),
  preventedContinuation: z.boolean(),
})

/** What Claude Code itself wrote down about the last Stop hook. */
async function lastStopOf(instance: string): Promise<z.infer<typeof stopSummary>> {
  const directory = join(homeOf(instance), '.claude/projects/-workspace')
  const texts = await Promise.all(
    (await readdir(directory))
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => readFile(join(directory, name), 'utf8')),
  )
  const lines = texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.includes('"stop_hook_summary"'))
  return stopSummary.parse(JSON.parse(lines.at(-1) ?? '{}'))
}

async function tokenOf(instance: string, launch: number): Promise<string> {
  return new LaunchTokens((await readFile(join(run.setup.state, 'secret'), 'utf8')).trim()).tokenOf(
    InstanceId(instance),
    launch,
  )
}

async function replay({ instance, launch, sequence, event, body }: Kept): Promise<number> {
  const headers = {
    authorization: `Bearer ${await tokenOf(instance, launch)}`,
    'content-type': 'application/json',
    'x-launch': String(launch),
    'x-sequence': String(sequence),
    'x-replay': '1',
  }
  return (
    await fetch(new URL(`/hooks/${event}`, run.server.url), { method: 'POST', headers, body })
  ).status
}

const isFrom =
  (instance: string, ...types: readonly string[]) =>
  ({ event, ignored }: JournalLine): boolean =>
    event.instance === instance && types.includes(event.type) && (ignored ?? null) === null

const isLoss = ({ event }: JournalLine): boolean =>
  event.type === 'instance-lost' && workers.includes(event.instance ?? '')

const requestsOf = () => run.model.requests.filter(({ role }) => role === 'worker').length

let recorded: readonly Kept[] = []

describe('prompts and hooks', () => {
  it('Server down when Stop fires', async () => {
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
      const kept = await Promise.all(workers.map(keptBy))
      return kept.every((all) => all.some(({ event }) => event === 'Stop')) ? true : null
    }
    await until('both have stopped', hasStopped)
    await delay(8_000)
    const stops = await Promise.all(workers.map(lastStopOf))
    const answered = requestsOf() - before
    recorded = (await Promise.all(workers.map(keptBy))).flat()
    // The second one's Stop is lost on its way, for the row below.
    for (const { instance, event, file } of recorded)
      if (instance === 'worker-2' && event === 'Stop') await rm(join(outboxOf(instance), file))
    const startedAt = Date.now()
    run.server.start()
    const arrived = await run.journal.next(
      'the Stop arrives',
      mark,
      isFrom('worker-1', 'turn-ended'),
    )
    const hooksMs = stops.flatMap(({ hookInfos }) => hookInfos.map(({ durationMs }) => durationMs))
    const isCalm = stops.every(
      ({ hookErrors, preventedContinuation }) => hookErrors.length === 0 && !preventedContinuation,
    )
    report(
      'Server down when Stop fires',
      `hooks ended after ${hooksMs.join(', ')} ms ${isCalm ? 'with exit 0' : 'with an error'}; ${answered} requests of 2 workers in 8 s; the event arrived ${arrived.event.at - startedAt} ms after the start`,
      'the hook ends ≤ 2 s with exit 0, no wake loop (one request each), the event arrives after the restart',
      Math.max(...hooksMs) <= 2_000 && isCalm && answered === 2,
    )
  })

  it('Hook lost', async () => {
    const startedAt = run.journal.since(0, ({ event }) => event.type === 'server-started').at(-1)
    const seen = await run.journal.next(
      'the end of the turn is seen',
      startedAt?.sequence ?? 0,
      isFrom('worker-2', 'instance-idle'),
    )
    const afterMs = seen.event.at - (startedAt?.event.at ?? 0)
    report(
      'Hook lost',
      `a Stop that never arrived was seen ${afterMs} ms after the start`,
      'seen from the status ≤ 12 s',
      afterMs <= 12_000,
    )
  })

  it('Hook doubled, late, reordered, from an old launch', async () => {
    await run.atWork(2)
    const twice = [...recorded, ...recorded].sort(() => Math.random() - 0.5)
    const before = JSON.stringify(essence(await run.status()))
    const answers = []
    for (const each of twice) answers.push(await replay(each))
    const isUnchanged = JSON.stringify(essence(await run.status())) === before
    const mark = run.journal.last
    for (const instance of workers) await run.killContainer(instance)
    for (const instance of workers)
      await run.journal.next(`${instance} is back`, mark, isFrom(instance, 'brief-fetched'))
    const old = []
    for (const each of twice) old.push(await replay(each))
    const effects = recorded.map(
      ({ instance, launch, sequence }) =>
        run.journal.since(
          0,
          (line) => isHook(line, instance, launch, sequence) && (line.ignored ?? null) === null,
        ).length,
    )
    // Until it is known to be lost, what the old container sent on its last breath is the truth.
    const lostAt = new Map(
      run.journal.since(mark, isLoss).map(({ event, sequence }) => [event.instance, sequence]),
    )
    const ofOld = run.journal.since(mark, ({ event, sequence, ignored }) => {
      const isPast = sequence > (lostAt.get(event.instance) ?? Number.POSITIVE_INFINITY)
      return isPast && event.launch === 1 && (ignored ?? null) === null
    })
    report(
      'Hook doubled, late, reordered, from an old launch',
      `${recorded.length} recorded bodies (${[...new Set(recorded.map(({ event }) => event))].join(', ')}) replayed twice each, shuffled: ${tally(answers)}, state ${isUnchanged ? 'unchanged' : 'changed'}; from the old launch: ${tally(old)}, ${ofOld.length} effects ${ofOld.map(({ event }) => event.type).join(' ')}; at most ${Math.max(...effects)} effect of each`,
      'one effect each; 409 for an old launch',
      isUnchanged &&
        old.every((status) => status === 409) &&
        lostAt.size === workers.length &&
        ofOld.length === 0 &&
        Math.max(...effects) <= 1,
    )
  })

  it.each<[string, Fault]>([
    ['401', { type: 'unauthorized' }],
    ['529', { type: 'overloaded' }],
    ['closed socket', { type: 'hang', ms: 50 }],
    ['stream cut in its middle', { type: 'cut' }],
  ])('Turn ends without Stop: %s', async (name, fault) => {
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
    const heard = await run.journal.next(
      'anything is heard',
      mark,
      isFrom(victim, 'turn-failed', 'task-reported'),
    )
    armed.left = 0
    run.gate.hold(task)
    const next =
      heard.event.type === 'turn-failed'
        ? isFrom(victim, 'brief-fetched')
        : isFrom(victim, 'turn-ended')
    const back = await run.journal.next('it goes on', heard.sequence - 1, next)
    const [first = 0, last = 0] = [armed.struckAt[0], armed.struckAt.at(-1)]
    const seenMs = heard.event.at - last
    const what =
      heard.event.type === 'turn-failed'
        ? `a failure, ${heard.event.trouble?.kind},`
        : 'the report: the client went on by itself,'
    report(
      `Turn ends without Stop: ${name}`,
      `${armed.struckAt.length} times in ${last - first} ms; ${what} heard ${seenMs} ms after the last; ${back.event.type} ${back.event.at - heard.event.at} ms later`,
      'handled ≤ 10 s',
      seenMs <= 10_000,
    )
  })

  it('Turn ends without Stop: interrupted', async () => {
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
      'Turn ends without Stop: interrupted',
      `no hook at all; seen after ${seen.event.at - at} ms`,
      'seen ≤ 10 s (one beat of 2 s more on a busy machine)',
      seen.event.at - at <= 12_000,
    )
  })

  it('and every task is merged once in the end', async () => {
    await run.server.stop()
    run.server.start('--stop-instances')
    expect(await run.finish(9)).toEqual([])
  })
})

const essence = ({ instances, tasks }: Awaited<ReturnType<FaultRun['status']>>) => ({
  instances: instances.map(({ id, phase, launch, task }) => [id, phase, launch, task]),
  tasks: tasks.map(({ id, phase, attempts }) => [id, phase, attempts]),
})

const isHook = (
  { event }: JournalLine,
  instance: string,
  launch: number,
  sequence: number,
): boolean =>
  event.instance === instance && event.launch === launch && event['sequence'] === sequence

const tally = (statuses: readonly number[]): string =>
  Object.entries(Object.groupBy(statuses, String))
    .map(([status, all]) => `${all?.length} × ${status}`)
    .join(', ')
