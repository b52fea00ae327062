import { describeProbe, type MachineProbe } from '../runner/machine-probe.ts'
import { formatTable } from '../runner/table.ts'
import type { ChaosArguments } from './arguments.ts'
import type { Struck } from './injector.ts'
import { type Repair, repairsOf } from './repairs.ts'

/** What `--json` prints: counts first, then what they count. */
export interface ChaosOutcome {
  readonly ok: boolean
  readonly seed: number
  readonly minutes: number
  readonly workers: number
  readonly tasks: number
  readonly faults: number
  readonly interventions: number
  readonly violations: number
  readonly repairs: readonly Repair[]
  readonly merged: number
  /** Without a merge of their own: a person built them. */
  readonly done: number
  readonly seconds: number
  /** From the end of the faults to the end of the run. */
  readonly settleSeconds: number
  /** What the machine can do at the end of the run: the scale for all times. */
  readonly machine: MachineProbe
  readonly faultsByKind: Readonly<Record<string, number>>
  /** Planned, but they found nothing to strike. */
  readonly missed: number
  /** After which not everything was as before when the run ended. */
  readonly unrepaired: number
  readonly serverStarts: number
  readonly quarantines: number
  readonly violationList: readonly string[]
  readonly interventionList: readonly string[]
}

export interface ChaosSource {
  readonly wanted: ChaosArguments
  readonly tasks: number
  readonly merged: number
  readonly done: number
  readonly struck: readonly Struck[]
  readonly missed: number
  readonly serverStarts: number
  readonly quarantines: number
  readonly violations: readonly string[]
  readonly interventions: readonly string[]
  readonly elapsedMs: number
  readonly settleMs: number
  readonly machine: MachineProbe
}

export function chaosOutcome(source: ChaosSource): ChaosOutcome {
  const {
    wanted,
    tasks,
    merged,
    done,
    struck,
    missed,
    violations,
    interventions,
    elapsedMs,
    settleMs,
    serverStarts,
    quarantines,
  } = source
  const byKind = Map.groupBy(struck, ({ fault }) => fault.kind)
  return {
    ok:
      violations.length === 0 && interventions.length === 0 && tasks > 0 && merged + done === tasks,
    seed: wanted.seed,
    minutes: wanted.minutes,
    workers: wanted.workers,
    tasks,
    faults: struck.length,
    interventions: interventions.length,
    violations: violations.length,
    repairs: repairsOf(struck),
    merged,
    done,
    seconds: inSeconds(elapsedMs),
    settleSeconds: inSeconds(settleMs),
    machine: source.machine,
    faultsByKind: Object.fromEntries([...byKind].map(([kind, list]) => [kind, list.length])),
    missed,
    unrepaired: struck.filter(({ wholeAt }) => wholeAt === null).length,
    serverStarts,
    quarantines,
    violationList: violations,
    interventionList: interventions,
  }
}

const inSeconds = (ms: number): number => Math.round(ms / 100) / 10

export function renderChaosOutcome(outcome: ChaosOutcome): readonly string[] {
  const { faultsByKind, repairs, violationList, interventionList } = outcome
  const rows = repairs.map(({ kind, count, p50Ms, p95Ms, afterHealP95Ms }) => [
    kind,
    String(faultsByKind[kind] ?? 0),
    String(count),
    `${p50Ms} ms`,
    `${p95Ms} ms`,
    `${afterHealP95Ms} ms`,
  ])
  return [
    '',
    ...formatTable([
      ['fault', 'struck', 'repaired', 'median', '95 %', '95 %, from its end'],
      ...rows,
    ]),
    '',
    `${outcome.faults} faults in ${outcome.minutes} min, ${outcome.serverStarts} starts of the server, ${outcome.merged} of ${outcome.tasks} tasks merged, ${outcome.done} done by hand, ${outcome.seconds} s, over ${outcome.settleSeconds} s after the last fault`,
    describeProbe(outcome.machine),
    '',
    ...violationList.map((line) => `✗ ${line}`),
    ...interventionList.map((line) => `✗ a human is needed: ${line}`),
    outcome.ok
      ? 'Nothing was lost, nothing was done twice, no human was needed.'
      : 'The chaos run failed.',
  ]
}
