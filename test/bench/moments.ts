import type { Event } from '../../src/core/model/event.ts'
import { commit, type Run } from '../support/run.ts'
import { busyRun, type Size } from './busy-run.ts'

export type Moment = readonly [Run, Event]

/**
 * What can happen next to a worker in the middle, as the cost may depend on the order of instances,
 * and the run to which it happens.
 */
export function moments(size: Size) {
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
