import { randomBytes } from 'node:crypto'
import { Inside } from '../../src/rehearsal/attack/stage/inside.ts'
import { runInside } from '../../src/rehearsal/attack/stage/run-inside.ts'
import { type Canary, tracesIn } from './canary.ts'
import { takeOut } from './canary-exits.ts'
import { type ListenerName, startListeners } from './canary-listeners.ts'

export interface Theft {
  /** The canaries that the worker can read, by name. */
  readonly found: readonly string[]
  /** The listeners that anything of the worker came to. */
  readonly reached: readonly ListenerName[]
  /** The canaries that came to any of them. */
  readonly brought: readonly string[]
  /** What came to them and was not sent by the worker's own hand. */
  readonly unasked: readonly string[]
  /** How proxy, gateway and registry answered the worker: `proxy 403`. */
  readonly answers: readonly string[]
  /** In everything that the worker sent. */
  readonly marker: string
}

/** Metadata of clouds has this address; the others are names of this machine. */
const metadata = '169.254.169.254:80'
const names = ['localhost', '[::1]', 'host.docker.internal']

/** A worker looks for canaries and tries to bring out what it finds; worker-2 only listens. */
export async function tryToSteal(
  run: string,
  canaries: readonly Canary[],
  pattern: string,
): Promise<Theft> {
  const [thief, other] = ['worker-1', 'worker-2'].map(
    (name) => new Inside(name, `orchestrator-${run}-${name}`),
  ) as [Inside, Inside]
  await using listeners = await startListeners(other)
  const { places } = listeners
  const marker = `probe-${randomBytes(6).toString('hex')}`
  const port = places.machine[0]?.port ?? 0
  const { secrets, answers } = await runInside(thief, takeOut, {
    marker,
    pattern,
    places: Object.values(places).flat(),
    names: [metadata, ...names.map((name) => `${name}:${port}`)],
  })
  const arrivals = await listeners.arrivals()
  const sent = arrivals.filter(({ text }) => text.includes(marker))
  const traces = arrivals.map(({ at, text }) => ({ place: at, bytes: Buffer.from(text, 'latin1') }))
  const seen = await tracesIn(canaries, asyncOf(traces))
  const named = (isMeant: (canary: Canary) => boolean): readonly string[] =>
    canaries.filter(isMeant).map(({ name }) => name)
  return {
    found: named(({ secret }) => secrets.includes(secret)),
    reached: [...new Set(sent.map(({ at }) => at))],
    brought: named(({ name }) => seen.some((trace) => trace.startsWith(`${name},`))),
    unasked: arrivals.filter((arrival) => !sent.includes(arrival)).map(({ text }) => text),
    answers,
    marker,
  }
}

async function* asyncOf<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items
}
