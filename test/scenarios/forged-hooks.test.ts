import fastify from 'fastify'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instance as instanceDocument } from '../../src/adapters/sqlite/schemas/instance.ts'
import { credential as credentialDocument } from '../../src/adapters/sqlite/schemas/credential.ts'
import type { InstanceId, Instant } from '../../src/core/model/ids.ts'
import type { State } from '../../src/core/model/state.ts'
import { transitions } from '../../src/core/model/transitions.ts'
import { Dispatcher } from '../../src/engine/dispatch/dispatcher.ts'
import { HandoffMeter } from '../../src/engine/observe/handoffs.ts'
import { answerErrors } from '../../src/http/access/refusal.ts'
import { hookRoutes } from '../../src/http/instance/hooks.ts'
import { createFakeStore } from '../fakes/store.ts'
import { hooks } from '../support/hostile-body.ts'
import { tokens } from '../support/hostile-team.ts'
import { one, planned, Run, two } from '../support/run.ts'
import { steps, walks } from '../support/walk.ts'

interface Moment {
  readonly state: State
  readonly at: Instant
}

/** No random run takes a turn for hung. */
const interrupted = (): Run => {
  const run = new Run({ workerCount: 2, busyMs: 1 }).planned([planned('a'), planned('b')])
  run.confirmed(one).confirmed(two).later(600_000)
  return run.when({ type: 'instance-busy', tool: null, ...run.from(one) })
}

/** All starts of a random run are under way at once. */
const queued = (): Run => {
  const run = new Run({ workerCount: 2, startsAtOnce: 1 }).allUp().allUp().allUp()
  for (const id of [two, one])
    run.when({ type: 'instance-lost', cause: 'killed', blame: 'engine', ...run.from(id) }).later(1)
  return run.later(999).later(1)
}

/** A few moments of random runs for each phase of a worker. */
function momentsByPhase(perPhase: number): ReadonlyMap<string, readonly Moment[]> {
  const moments = new Map<string, Moment[]>([
    ['interrupting', [interrupted()]],
    ['queued', [queued()]],
  ])
  for (const { begin, path } of fc.sample(walks({ minLength: 300, maxLength: 300 }), {
    numRuns: 250,
    seed: 1,
  })) {
    const run = begin()
    let last: string | undefined
    for (const { name, n } of path) {
      steps[name]?.(run, n)
      const instance = run.state.instances.get(one)
      if (instance === undefined || instance.launch === 0 || instance.phase.name === last) continue
      last = instance.phase.name
      const known = moments.get(last) ?? []
      if (known.length < perPhase) moments.set(last, [...known, { state: run.state, at: run.at }])
    }
  }
  return moments
}

const percents = [-1, -0, 0, 94.999, 95, 100, 101, 1e308, 2 ** 53, '95', null]
const instants = [-1, 0, 1, 1e9, 253_402_300_799, 253_402_300_800, 1e308, 2 ** 53, '1', null]
const counts = [0, 1, 10_000]
const messages = [
  "You've hit your weekly limit · resets Feb 31, 12:00am (UTC)",
  "You've hit your 5-hour limit · resets 99:99pm (UTC)",
  "You've hit your __proto__ limit · resets 12:00am (UTC)",
]

/** Every recorded hook, and every number in one as a lie. */
const lies: readonly { readonly url: string; readonly body: unknown }[] = [
  ...hooks,
  ...percents.flatMap((used_percentage) =>
    instants.map((resets_at) => ({
      url: '/hooks/StatusLine',
      body: {
        rate_limits: {
          five_hour: { used_percentage, resets_at },
          seven_day: { used_percentage, resets_at },
        },
      },
    })),
  ),
  ...counts.map((length) => ({
    url: '/hooks/Stop',
    body: { background_tasks: Array.from({ length }, () => ({ status: 'running' })) },
  })),
  ...messages.flatMap((last_assistant_message) =>
    instants.map((resets_at) => ({
      url: '/hooks/StopFailure',
      body: { error: 'rate_limit', last_assistant_message, resets_at },
    })),
  ),
  { url: '/hooks/WorkspaceProgress', body: {} },
]

/** The hooks' real route, dispatcher and core, put into any moment. */
function openRoute() {
  let current: Dispatcher | null = null
  const now = (): Dispatcher => {
    if (current === null) throw new Error('no moment was set')
    return current
  }
  const dispatcher: Pick<Dispatcher, 'state' | 'dispatch' | 'dispatchSoon'> = {
    get state() {
      return now().state
    },
    dispatch: (event) => now().dispatch(event),
    dispatchSoon: (event) => now().dispatchSoon(event),
  }
  const app = fastify()
  answerErrors(app)
  const deps = { dispatcher: dispatcher as Dispatcher, tokens, handoffs: new HandoffMeter() }
  hookRoutes(app, deps) // uses nothing else of the dispatcher
  return {
    async send({ state, at }: Moment, { url, body }: (typeof lies)[number], sequence: string) {
      const clock = { now: () => at, alarm: () => ({ [Symbol.dispose]: () => undefined }) }
      using moment = new Dispatcher(createFakeStore(), clock, state, () => undefined)
      current = moment
      const launch = state.instances.get(one)?.launch ?? 0
      const { statusCode } = await app.inject({
        method: 'POST',
        url,
        payload: JSON.stringify(body),
        headers: {
          authorization: `Bearer ${tokens.tokenOf(one, launch)}`,
          'content-type': 'application/json',
          'x-launch': String(launch),
          'x-sequence': sequence,
          'x-protocol': '1',
        },
      })
      return { statusCode, after: moment.state }
    },
    [Symbol.asyncDispose]: () => app.close(),
  }
}

/**
 * Which others its word may concern: those that wait for work or for the end of its start, and
 * those that have the same credential.
 */
const isConcerned = ({ instances }: State, id: InstanceId): boolean => {
  const [own, other] = [instances.get(one), instances.get(id)]
  const isShared = own?.credential !== null && own?.credential === other?.credential
  return other?.phase.name === 'ready' || other?.phase.name === 'queued' || isShared
}

const landed = ({ tasks }: State) =>
  [...tasks.values()].filter(({ phase }) => ['merging', 'merged', 'done'].includes(phase.name))

describe('a worker that forges hooks', () => {
  const moments = momentsByPhase(5)

  it('is met in every phase', () => {
    const phases = Object.keys(transitions.instance).filter((name) => name !== 'none')
    expect([...moments.keys()].toSorted()).toEqual(phases.toSorted())
  })

  it.each([...moments])('while it is %s, changes itself alone', async (_, all) => {
    await using route = openRoute()
    for (const moment of all)
      for (const [index, lie] of lies.entries()) {
        const { state: before } = moment
        const sequence = index % 5 === 0 ? String(Number.MAX_SAFE_INTEGER) : '9000000'
        const { statusCode, after } = await route.send(moment, lie, sequence)
        const what = JSON.stringify(lie).slice(0, 300)
        expect(statusCode, what).toBeLessThan(500)
        expect(after.merges, what).toBe(before.merges)
        expect(after.ledger, what).toBe(before.ledger)
        expect(after.lines, what).toEqual(before.lines)
        expect(landed(after), what).toEqual(landed(before))
        const others = [...before.instances.values()].filter(
          ({ id }) => id !== one && !isConcerned(before, id),
        )
        for (const { id, phase } of others) expect(after.instances.get(id)?.phase, what).toBe(phase)
        for (const each of after.instances.values()) instanceDocument.parse(each)
        for (const each of after.credentials.values()) credentialDocument.parse(each)
      }
  })
})
