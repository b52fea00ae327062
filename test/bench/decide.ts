import { performance } from 'node:perf_hooks'
import { decide } from '../../src/core/decide.ts'
import type { Event } from '../../src/core/model/event.ts'
import { managerId, TaskId } from '../../src/core/model/ids.ts'
import { planned, Run } from '../support/run.ts'

/**
 * What one decision costs in a large run beside a small one. Run by hand: `npm run bench:decide`;
 * it takes some seconds and prints one line for each event.
 */
const [small, large] = [
  { tasks: 100, workers: 10 },
  { tasks: 10_000, workers: 200 },
]
const rounds = 200

const median = (figures: readonly number[]): number =>
  figures.toSorted((one, other) => one - other)[Math.floor(figures.length / 2)] ?? Number.NaN

/** A run with every worker at work on its own task. */
function busyRun({ tasks, workers }: typeof small): Run {
  const plan = Array.from({ length: tasks }, (_, index) =>
    planned(`task-${index}`, { worker: (index % workers) + 1 }),
  )
  const run = new Run({ workerCount: workers }).planned(plan)
  for (const { id, phase, role } of run.state.instances.values()) {
    if (role !== 'manager' && phase.name === 'prompted') run.confirmed(id)
  }
  return run
}

/** The middle worker's events, whose cost may depend on the order of instances. */
function eventsOf(run: Run): Readonly<Record<string, Event>> {
  const workers = [...run.state.instances.values()].filter(({ id }) => id !== managerId)
  const worker = workers[Math.floor(workers.length / 2)]
  if (!worker || worker.task === null) throw new Error('the middle worker holds no task')
  const from = { ...run.from(worker.id), at: run.at }
  return {
    'sign-of-life': { ...from, type: 'sign-of-life' },
    'task-progressed': { ...from, type: 'task-progressed', task: TaskId(worker.task), note: '1' },
    'turn-ended': {
      ...from,
      type: 'turn-ended',
      backgroundTasks: 0,
      lastMessage: '',
      isAnswerable: true,
    },
    'clock-ticked': { at: run.at, type: 'clock-ticked' },
  }
}

function costsMs(run: Run, event: Event): number {
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now()
    decide(run.state, event, run.at)
    times.push(performance.now() - began)
  }
  return median(times)
}

const [few, many] = [busyRun(small), busyRun(large)]
const events = eventsOf(many)
for (const [name, event] of Object.entries(eventsOf(few))) {
  const base = costsMs(few, event)
  const grown = costsMs(many, events[name] ?? event)
  const factor = (grown / base).toFixed(1)
  const line = `${name}: ${base.toFixed(3)} ms → ${grown.toFixed(3)} ms, ${factor} ×`
  process.stdout.write(`${line}\n`)
}
