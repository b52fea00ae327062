import { makeSample } from '../../../src/rehearsal/scenarios/sample.ts'
import type { Bench } from '../bench.ts'
import { median } from '../median.ts'
import { type Goal, type Row, rowOf, rowOfPairs } from '../row.ts'
import type { LoopTimes } from './loop-times.ts'
import { runPrintTeam } from './print-team.ts'
import { describeLoop, type ProductReading, runProductTeam } from './product-team.ts'
import { runRawTeam } from './raw-team.ts'

interface Size {
  readonly rounds: number
  readonly workers: number
  readonly tasks: number
}

/** No two tasks collide, so that both sides take the same turns for each. */
const scenario = { summary: 'no two tasks touch the same lines', quirks: {}, checks: [] }

const atMost = (of: Goal['of'], most: number): Goal => ({ of, most })

/** One worker: what one step takes when nothing waits for a processor. Goals: issue 11. */
export async function measureOneWorker(bench: Bench): Promise<readonly Row[]> {
  const size = bench.isQuick
    ? { rounds: 1, workers: 1, tasks: 5 }
    : { rounds: 3, workers: 1, tasks: 9 }
  const taken = await runTeams(bench, size)
  return [
    rowOfPairs(
      'report taken → merged, to plain git, ms',
      taken.map(({ ours: { mergeMs, plainMergeMs } }) => ({ product: mergeMs, raw: plainMergeMs })),
      atMost('ratio', 4),
    ),
    handoffRow(taken, 'handoff p50, 1 worker, ms', 1.25),
    readyRow(taken, 'worker ready, 1 worker, ms', 1.3),
    // With eight, other processes interrupt a call: it would seem to block for as long as they run.
    rowOf(
      'event loop blocked per task, 1 worker, ms',
      taken.map(({ ours: { loop, tasks } }) => blockedMs(loop) / tasks),
      atMost('product', 25),
    ),
  ]
}

/** Eight workers on a few cores: a queue for processors, so their time is what counts. */
export async function measureEightWorkers(bench: Bench): Promise<readonly Row[]> {
  const size = bench.isQuick
    ? { rounds: 1, workers: 8, tasks: 16 }
    : { rounds: 3, workers: 8, tasks: 40 }
  const taken = await runTeams(bench, size)
  const { tasks } = size
  const shareOf = (figure: (ours: ProductReading) => number) =>
    taken.map(({ ours }) => figure(ours) / ours.tasks)
  const perAttempt = (raw: (round: (typeof taken)[number]) => number) =>
    taken.map((round) => ({
      product: round.ours.processorSeconds / round.ours.attempts,
      raw: raw(round) / tasks,
    }))
  const counted = taken.flatMap(({ ours, raw }) =>
    ours.executions === null || raw.executions === null
      ? []
      : [{ product: ours.executions / tasks, raw: raw.executions / tasks }],
  )
  return [
    handoffRow(taken, 'handoff p50, 8 workers, ms', 1.35),
    readyRow(taken, 'worker ready, 8 workers, each from its own launch, ms', 1.2),
    rowOfPairs(
      'worker ready, 8 workers, from the first launch to the last ready, ms',
      taken.map(({ ours, raw }) => ({ product: ours.allReadyMs, raw: raw.allReadyMs })),
      null,
    ),
    rowOfPairs(
      'processor time per attempt, 8 workers, to the bare CLI, s',
      perAttempt(({ raw }) => raw.processorSeconds),
      atMost('ratio', 1.3),
    ),
    rowOfPairs(
      'processor time per attempt, 8 workers, to a loop of claude -p, s',
      perAttempt(({ print }) => print.processorSeconds),
      null,
    ),
    rowOf(
      'processor time of the Manager until its plan, s',
      taken.map(({ ours }) => ours.managerStartSeconds),
      null,
    ),
    rowOfPairs('processes started per task, 8 workers', counted, atMost('product', 80)),
    rowOf(
      'tokens added per task, new',
      shareOf(({ tokens }) => tokens.fresh),
      null,
    ),
    rowOf(
      'tokens added per task, read again from the cache',
      shareOf(({ tokens }) => tokens.cached),
      null,
    ),
    rowOf(
      'requests added per task',
      shareOf(({ tokens }) => tokens.requests),
      null,
    ),
  ]
}

/** In calls that wait for the kernel: spawn, files, commits. */
const blockedMs = ({ spawnMs, filesMs, commitsMs }: LoopTimes): number =>
  spawnMs + filesMs + commitsMs

type Taken = Awaited<ReturnType<typeof runTeams>>

/** The same sample with the product, with bare Claude Code, and for many workers with a loop. */
async function runTeams({ signal, say, rounds }: Bench, { rounds: wanted, workers, tasks }: Size) {
  const sample = makeSample(scenario, tasks, workers)
  return await rounds(wanted, async () => {
    const ours = await runProductTeam(sample, workers, { signal, say })
    say(`  product: ${ours.breakdown}; ${describeLoop(ours)}`)
    const raw = await runRawTeam(sample, workers, signal)
    if (raw.repeatedEnters > 0) say(`  raw: Enter was pressed again ${raw.repeatedEnters} times`)
    const none = { processorSeconds: Number.NaN, executions: null }
    const print = workers > 1 ? await runPrintTeam(sample, workers, signal) : none
    return { ours, raw, print }
  })
}

const handoffRow = (taken: Taken, path: string, most: number): Row =>
  rowOfPairs(
    path,
    taken.map(({ ours, raw }) => ({ product: ours.handoffMs, raw: median(raw.handoffMs) })),
    atMost('ratio', most),
  )

const readyRow = (taken: Taken, path: string, most: number): Row =>
  rowOfPairs(
    path,
    taken.map(({ ours, raw }) => ({ product: median(ours.readyMs), raw: median(raw.readyMs) })),
    atMost('ratio', most),
  )
