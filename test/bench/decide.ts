import { performance } from 'node:perf_hooks'
import { changedDocuments } from '../../src/adapters/sqlite/documents.ts'
import { decide } from '../../src/core/decide.ts'
import type { Event } from '../../src/core/model/event.ts'
import { nextAlarm } from '../../src/core/rules/deadlines.ts'
import { commit, type Run } from '../support/run.ts'
import { busyRun, type Size } from './busy-run.ts'
import { median } from './median.ts'

/**
 * What one decision costs in a run with many tasks, beside runs with fewer tasks and as many
 * workers and beside a small team. Run by hand: `npm run bench:decide`; it takes some seconds and
 * fails when a decision depends on the number of tasks. A decision includes the diff for the store
 * and the next alarm, which follow each one.
 */
const sizes: readonly Size[] = [
  { tasks: 100, workers: 10 },
  // Half of its workers are idle; in the larger runs all of them are at work.
  { tasks: 100, workers: 200 },
  { tasks: 400, workers: 200 },
  { tasks: 10_000, workers: 200 },
]

/**
 * The most that a decision may cost with many tasks, as a multiple of each other run of the team.
 */
const maxFactor = 1.5
const rounds = 300

type Moment = readonly [Run, Event]

/**
 * What can happen next to a worker in the middle, as the cost may depend on the order of instances,
 * and the run to which it happens.
 */
function moments(size: Size) {
  const busy = busyRun(size)
  const working = [...busy.state.instances.values()].filter(({ task }) => task !== null)
  const worker = working[Math.floor(working.length / 2)]
  if (!worker || worker.task === null) throw new Error('no worker holds a task')
  const { task } = worker
  busy.briefed(worker.id)
  const from = { ...busy.from(worker.id), at: busy.at }
  const end = { ...from, type: 'turn-ended', backgroundTasks: 0, lastMessage: '' } as const
  const work = { task, commit: commit('work') }
  const reported = busyRun(size).reports(worker.id, 'work')
  return {
    heartbeat: [busy, { ...from, type: 'sign-of-life', sequence: 1_000 }],
    progress: [busy, { ...from, type: 'task-progressed', task, note: '1' }],
    report: [busy, { ...from, type: 'task-reported', ...work, summary: 'built' }],
    reminder: [busy, { ...end, isAnswerable: true }],
    handoff: [reported, { ...end, isAnswerable: true }],
    merge: [
      reported,
      { at: busy.at, type: 'merge-landed', ...work, merge: commit('m'), head: commit('m') },
    ],
    tick: [busy, { at: busy.at, type: 'clock-ticked' }],
  } satisfies Readonly<Record<string, Moment>>
}

function costMs([{ state: before, at }, event]: Moment): number {
  const began = performance.now()
  const { state, ignored } = decide(before, event, at)
  changedDocuments(before, state)
  nextAlarm(state)
  const took = performance.now() - began
  if (ignored !== null) throw new Error(`${event.type} was ignored: ${ignored}`)
  return took
}

const print = (...cells: readonly string[]): void => {
  process.stdout.write(`${cells.join('')}\n`)
}

/** The median cost of a moment at each size. */
function costsMs(columns: readonly Moment[]): readonly number[] {
  for (let round = 0; round < rounds; round += 1) for (const moment of columns) costMs(moment)
  // The sizes take turns, so that a disturbance of the machine concerns all of them.
  const times = columns.map((): number[] => [])
  for (let round = 0; round < rounds; round += 1)
    for (const [index, moment] of columns.entries()) times[index]?.push(costMs(moment))
  return times.map(median)
}

const runs = sizes.map(moments)
const titles = sizes.map(({ tasks, workers }) => `${tasks} × ${workers}`.padStart(14))
print('tasks × workers'.padEnd(16), ...titles, '       factors')
for (const name of Object.keys(runs[0] ?? {}) as (keyof (typeof runs)[number])[]) {
  const [small = 0, ...team] = costsMs(runs.map((run) => run[name]))
  const factors = team.slice(0, -1).map((cost) => (team.at(-1) ?? Number.NaN) / cost)
  const isFlat = factors.every((factor) => factor <= maxFactor)
  if (!isFlat) process.exitCode = 1
  const cells = [small, ...team].map((cost) => `${cost.toFixed(3)} ms`.padStart(14))
  const verdict = isFlat ? '' : `  more than ${maxFactor}`
  print(name.padEnd(16), ...cells, ...factors.map((each) => each.toFixed(2).padStart(7)), verdict)
}
