import { type FaultProfile, noFaults } from './fault-profile.ts'
import { shrink } from './shrink.ts'
import { traceOf } from './trace.ts'
import { type Outcome, World } from './world.ts'

export interface Campaign {
  readonly runs: number
  readonly faults: number
  readonly decisions: number
  readonly ends: number
  /** Runs in which a human had to start the server again. */
  readonly rescued: number
  readonly seconds: number
  /** For each kind of fault, in how many runs it struck. */
  readonly coverage: ReadonlyMap<string, number>
}

/**
 * Runs one seed after the other; the first that breaks a promise ends it, with a trace of the
 * fewest faults that it takes.
 */
export async function explore(
  first: number,
  runs: number,
  profile?: FaultProfile,
): Promise<Campaign> {
  const begin = performance.now()
  const total = { faults: 0, decisions: 0, ends: 0, rescued: 0 }
  const coverage = new Map<string, number>()
  for (let seed = first; seed < first + runs; seed += 1) {
    const outcome = await runOf(seed, profile)
    total.faults += outcome.struck.length
    total.decisions += outcome.journal.length
    total.ends += outcome.ends
    total.rescued += outcome.rescues > 0 ? 1 : 0
    for (const kind of new Set(outcome.struck.map(({ name }) => name.split(' ')[0] ?? '')))
      coverage.set(kind, (coverage.get(kind) ?? 0) + 1)
  }
  return { runs, ...total, coverage, seconds: (performance.now() - begin) / 1000 }
}

/** One run that keeps every promise; throws the trace of one that does not. */
export async function runOf(seed: number, profile?: FaultProfile): Promise<Outcome> {
  const options = { seed, ...(profile === undefined ? {} : { profile }) }
  const outcome = await new World(options).run()
  if (outcome.violations.length === 0) return outcome
  throw new Error(traceOf(seed, await shrink(options, outcome), profile === noFaults))
}

export const figuresOf = ({
  runs,
  faults,
  decisions,
  ends,
  rescued,
  seconds,
  coverage,
}: Campaign): string =>
  `${runs} runs in ${seconds.toFixed(1)} s (${(runs / seconds).toFixed(0)} a second): ${faults} faults, ${decisions} decisions, ` +
  `${ends} ends of the server, ${rescued} runs that needed a human\n` +
  `Percent of the runs in which each fault struck: ${coverageOf(runs, coverage)}\n`

const coverageOf = (runs: number, coverage: Campaign['coverage']): string =>
  [...coverage]
    .toSorted(([, one], [, other]) => one - other)
    .map(([kind, count]) => `${kind} ${((100 * count) / runs).toFixed(1)}`)
    .join(', ')
