import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { RuntimeKind } from '../../src/rehearsal/runner/arguments.ts'
import { describeProbe, probeMachine } from '../../src/rehearsal/runner/machine-probe.ts'
import {
  busyShare,
  type Calm,
  disturbancesOf,
  type ProcessorTicks,
  readTicks,
  stolenShare,
} from './disturbance.ts'

/** Long enough for fifty ticks of each processor, which are hundredths of a second. */
const silenceMs = 500

const ticks = (): ProcessorTicks => readTicks(readFileSync('/proc/stat', 'utf8'))

/** Nothing of the bench may run meanwhile: what is busy then belongs to others. */
async function lookAround(runtime: RuntimeKind): Promise<Calm> {
  const from = ticks()
  await delay(silenceMs)
  const foreignShare = busyShare(from, ticks())
  return { foreignShare, probe: await probeMachine(runtime) }
}

interface Rounds {
  readonly runtime: RuntimeKind
  /** How many disturbed rounds of each path are repeated at most. */
  readonly repeats: number
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/**
 * Carries out so many rounds and repeats disturbed ones. When the repeats are used up, disturbed
 * rounds take part too: a loud machine gets figures, and a line that says what they are worth.
 */
export async function measureRounds<Reading>(
  { runtime, repeats, signal, say }: Rounds,
  wanted: number,
  round: () => Promise<Reading>,
): Promise<readonly Reading[]> {
  const [calm, disturbed]: [Reading[], Reading[]] = [[], []]
  let before = await lookAround(runtime)
  say(`  ${describeProbe(before.probe)}`)
  while (calm.length < wanted && calm.length + disturbed.length < wanted + repeats) {
    signal.throwIfAborted()
    const from = ticks()
    const reading = await round()
    const stolen = stolenShare(from, ticks())
    const after = await lookAround(runtime)
    const reasons = disturbancesOf(before, after, stolen)
    if (reasons.length === 0) calm.push(reading)
    else disturbed.push(reading)
    if (reasons.length > 0) say(`  a disturbed round: ${reasons.join(', ')}`)
    before = after
  }
  const missing = wanted - calm.length
  if (missing > 0) say(`  ${missing} of ${wanted} rounds are disturbed ones`)
  return [...calm, ...disturbed.slice(0, Math.max(0, missing))]
}
