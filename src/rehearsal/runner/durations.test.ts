import { expect, it } from 'vitest'
import { eventAt } from '../../../test/support/event-view.ts'
import { durationsIn } from './durations.ts'

const start = (at: number, instance: string, launch: number) =>
  eventAt(at, {
    actions: [{ type: 'start-instance', instance, launch, credential: null }],
  })
const ready = (at: number, instance: string, launch: number) =>
  eventAt(at, { type: 'instance-ready', instance, launch })

it('a start lasts until the same launch is ready', () => {
  const { readyMs } = durationsIn([
    start(0, 'manager', 1),
    start(100, 'worker-1', 1),
    ready(1_000, 'manager', 1),
    start(2_000, 'worker-1', 2),
    ready(2_300, 'worker-1', 2),
    ready(2_400, 'worker-1', 2),
  ])
  expect(readyMs).toEqual({ p50: 1_000, p95: 1_000 })
})

it('a merge lasts from the report that was taken, and not over a task that came back', () => {
  const report = (at: number, task: string, ignored: string | null = null) =>
    eventAt(at, { type: 'task-reported', task, ignored })
  const { mergeMs } = durationsIn([
    report(0, 'a'),
    report(5, 'b'),
    report(50, 'b', 'reported already'),
    eventAt(70, { type: 'merge-conflicted', task: 'a' }),
    eventAt(100, { type: 'merge-landed', task: 'a' }),
    eventAt(105, { type: 'merge-landed', task: 'b' }),
  ])
  expect(mergeMs).toEqual({ p50: 100, p95: 100 })
})

it('a run without starts and merges has no figures', () => {
  const none = { p50: null, p95: null }
  expect(durationsIn([])).toEqual({ readyMs: none, mergeMs: none })
})
